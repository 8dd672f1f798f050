using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>CallBack, ReserveCalleeE164 and DisconnectIvrCall (docs/callbacks.md). Who asks shows the password of each phone that he has make calls.</summary>
internal sealed class CallbackMethods(ApiParts parts)
{
    public IEnumerable<(string, WebHandler)> All => [("CallBack", CallBackAsync), ("ReserveCalleeE164", ReserveAsync), ("DisconnectIvrCall", DisconnectAsync)];

    private async Task<WebReply> CallBackAsync(WebRequest request, CancellationToken stop)
    {
        foreach ((string number, string password) in (ReadOnlySpan<(string, string)>)[("accessE164", "accessE164Password"), ("callbackBillingE164", "callbackBillingPassword"), ("calloutBillingE164", "calloutBillingPassword")])
        {
            if (request.Wanted(number) is { } phone && !Knows(phone, request.Text(password))) return NotThePassword(number, password);
        }
        Answer<CallbackView> answer = await parts.Control.CallBackAsync(
            new CallbackRequest(request.Text("callerE164")!, request.Text("calleeE164s")!, request.Text("accessE164")!)
            {
                CallerPayer = request.Wanted("callbackBillingE164"),
                CalleePayer = request.Wanted("calloutBillingE164"),
                ShownToCallee = request.Wanted("calloutDisplayInFrom") ?? request.Wanted("callerDisplayNumber"),
            },
            stop);
        if (answer.Value is not { } begun) return WebReply.Of(answer.Fault!);
        return WebReply.With(to =>
        {
            to.WriteString("transactionId", request.Text("transactionId") ?? "");
            to.WriteString("callIdentifier", begun.Call.ToString());
        });
    }

    private async Task<WebReply> ReserveAsync(WebRequest request, CancellationToken stop)
    {
        if (!Knows(request.Text("accessE164")!, request.Text("accessE164Password"))) return NotThePassword("accessE164", "accessE164Password");
        Answer<ReservationView> answer = await parts.Control.ReserveCalleeAsync(new ReservationRequest(request.Text("callerE164")!, request.Text("calleeE164")!, request.Text("accessE164")!), stop);
        return answer.Fault is { } fault ? WebReply.Of(fault) : WebReply.Done;
    }

    private async Task<WebReply> DisconnectAsync(WebRequest request, CancellationToken stop)
    {
        List<string> faults = [];
        foreach (string id in request.Names("callIdentifiers") ?? [])
        {
            if (!CallId.TryParse(id, out CallId call) || (await parts.Control.DropAsync(call, request.By, stop)).Fault is not null) faults.Add($"the call {id} is not in progress");
        }
        return faults.Count == 0 ? WebReply.Done : WebReply.Refuse(WebCode.NotFound, string.Join("; ", faults));
    }

    // A wrong password and a phone that is not there are told alike.
    private bool Knows(string phone, string? password) =>
        parts.Control.InForce.Configuration.Phones.GetValueOrDefault(phone) is { } known && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(known.Password), Encoding.UTF8.GetBytes(password ?? ""));

    private static WebReply NotThePassword(string number, string password) => WebReply.Refuse(WebCode.Forbidden, $"{password} is not the password of the phone {number}");
}
