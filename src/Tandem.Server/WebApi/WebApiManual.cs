using System.Text;

namespace Tandem.Server.WebApi;

/// <summary>Writes docs/webapi.md from the tables of methods, codes and fields; a test holds the page true.</summary>
internal static class WebApiManual
{
    private const string Head = """
        # The Web API that portals already speak

        This page is generated from the tables in `src/Tandem.Server/WebApi`; do not edit it. Programs written for the incumbent's Web API call this one unchanged:
        the same paths, names (odd spellings too), types and answers. New programs are better off with [version 1](api.md).

        ```bash
        curl -d '{"names":["carrier-1"]}' http://127.0.0.1:8080/external/server/GetGatewayRouting
        ```

        ## Manners

        - POST to `/external/server/METHOD` (or `/external_new/server/METHOD`) with one JSON object in UTF-8; the content type is not looked at. An empty body is `{}`. Replies are zipped for whoever
          accepts gzip.
        - A reply is one JSON object: `retCode` first (0: done), `exception` in words when it is not 0, then the lists, which are empty when something was wrong. The HTTP status is 200, 403 for a
          caller the access list does not allow, 404 for a method there is not.
        - A value with a control character (a line break, a NUL) is refused with -10124; a LongString may have line breaks.
        - Types: String up to 255 characters, LongString (`:t`) up to 65,535, Integer (`:i`) 32 bits, Long (`:l`) 64 bits, Double (`:d`) read and written digit by digit with at most nine
          decimals, Boolean (`:b`). A number in quotes and a text without them are taken. `*` marks what must be there, `[]` a list. Instants are milliseconds since 1970; days are `yyyyMMdd` in the
          server's time zone.
        - A list of names that is left out or empty means all. A field left out of a Modify keeps its value; two writers at once never lose each other's fields.
        - A field there is not is refused by a method that changes something, and passed over by a query. A value that would have no effect here is refused with -13005: nothing answers
          success for something it did not do.
        - Passwords are taken and never given back: they read as empty, and a password sent back empty stays as it was.
        - The Web API has no currencies: an account gets that of its rate group, else the one all other accounts have. Amounts are in the account's.

        ## Access

        Nobody may call it until the access list says so (section `webAccess` of the [configuration](configuration.md)); an entry gives addresses and networks one method or all, and may ask for a bearer
        token besides. No header is believed about where a caller is.

        ```json
        {"webAccess": [{"name": "portal", "directories": ["/external/server"], "allowedIps": ["192.0.2.10", "10.1.0.0/16"]},
                       {"name": "dialer", "directories": ["/external/server/GetCurrentCall"], "allowedIps": ["198.51.100.7"], "token": "a-secret-of-16-characters"}]}
        ```

        ## retCode

        | Code | Meaning |
        | ---: | --- |
        | 0 | done |
        | -10007 | what the request names does not exist |
        | -10033 | the range of days is longer than one query may have |
        | -10124 | a parameter has a wrong type or value, or there is no such parameter |
        | -12103 | a parameter that must be there is missing |
        | -13001 | this address, or this token, may not call the method |
        | -13002 | there is no such method |
        | -13003 | it is there already, or contradicts what is there |
        | -13004 | the switch cannot do it now; the same request may be sent again |
        | -13005 | the switch does not do this; nothing was done |
        | -13006 | the body is too large, or no JSON object in UTF-8 |
        | -13007 | so much money needs a second person (`SERVER_PAYMENT_CONFIRM_ABOVE`, [users.md](users.md)), and a method is answered at once; nothing was done |

        ## Methods

        | Method | What it does here | Takes |
        | --- | --- | --- |

        """;

    public static string Write()
    {
        StringBuilder page = new(Head);
        foreach (WebMethod method in WebMethods.All)
        {
            string does = WebHandlers.Refused.TryGetValue(method.Name, out string? reason) ? $"refused: {reason}" : method.Says;
            page.Append($"| `{method.Name}` | {does} | {Notation(method.Request)} |\n");
        }
        page.Append("\n## Fields of devices and accounts\n\nWhat is in none of these rows acts as its name says.\n");
        Fields(page, "Accounts", WebShapes.Customer, CustomerMethods.Accounts().Waits);
        Fields(page, "Phones", WebShapes.Phone, WebDevices.Phones().Waits);
        Fields(page, "Mapping gateways", WebShapes.MappingGateway, WebDevices.MappingGateways(static _ => "").Waits);
        Fields(page, "Routing gateways", WebShapes.RoutingGateway, WebDevices.RoutingGateways().Waits);
        return page.ToString();
    }

    private static void Fields(StringBuilder page, string title, WebShape shape, Func<string, string?> waits)
    {
        page.Append($"\n### {title}\n\n| Fields | What becomes of them |\n| --- | --- |\n");
        foreach (IGrouping<string, string> group in Leaves(shape).Where(n => waits(n) is not null).GroupBy(n => waits(n)!, StringComparer.Ordinal).OrderBy(static g => g.Key.Length == 0).ThenBy(static g => g.Key, StringComparer.Ordinal))
        {
            string names = string.Join(", ", group.Select(static n => $"`{n}`"));
            string becomes = group.Key switch
            {
                "" => "must be empty, 0 or false: the switch does not do it",
                "contact data" => "kept and given back",
                _ => $"kept and given back; act once the switch has {group.Key}",
            };
            page.Append($"| {names} | {becomes} |\n");
        }
    }

    private static IEnumerable<string> Leaves(WebShape shape) =>
        shape.Fields.SelectMany(static f => f is { Type: WebType.Object, IsList: false } && f.Shape!.Fields[0].Name != "forwardMethod" ? Leaves(f.Shape) : [f.Name]);

    private static string Notation(WebShape shape) => shape.Fields.Length > 40 ? "see below" : string.Join(' ', shape.Fields.Select(static f => $"`{f.Name}{Mark(f)}`"));

    private static string Mark(WebField field) => (field.Type switch
    {
        WebType.LongText or WebType.Data => ":t",
        WebType.Integer => ":i",
        WebType.Long => ":l",
        WebType.Double => ":d",
        WebType.Boolean => ":b",
        _ => "",
    }) + (field.IsList ? "[]" : "") + (field.IsRequired ? "*" : "");
}
