using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Tandem.Switching.Configuration;

namespace Tandem.Server.DeckSheets;

/// <summary>What a column of a carrier's table says.</summary>
internal enum SheetColumn { Code, CountryCode, AreaCode, Area, Country, Rate, Fee, Cycle, ConnectFee, First, Next, Increment, From, Until, Status, Currency }

/// <summary>The headings by which the columns are known.</summary>
internal static class SheetHeadings
{
    /// <summary>Headings of the layouts that are known without being told, as <see cref="Plain"/> writes them; what stands first is taken where several are there.</summary>
    public static readonly ImmutableArray<(string Name, ImmutableDictionary<SheetColumn, ImmutableArray<string>> Columns)> BuiltIn =
    [
        Layout("english",
            (SheetColumn.Code, "code codes dialcode dialcodes dialingcode dialledcode dialeddigits prefix prefixes destinationcode areaprefix rateprefix breakout digits numberrange"),
            (SheetColumn.CountryCode, "countrycode countrydialcode cc countryprefix"),
            (SheetColumn.AreaCode, "areacode areacodes citycode citycodes ndc subcode localcode regioncode routecode"),
            (SheetColumn.Area, "destination destinationname area areaname description zone zonename name location breakoutname operator network"),
            (SheetColumn.Country, "country countryname"),
            (SheetColumn.Rate, "newrate newprice rate price rateperminute ratepermin priceperminute pricepermin ratemin pricemin peakrate ratevalue rateamount currentrate charge tariff cost"),
            (SheetColumn.Fee, "fee billingrate cyclefee"),
            (SheetColumn.Cycle, "cycle billingcycle billingperiod"),
            (SheetColumn.ConnectFee, "connectfee connectionfee connectioncharge setupfee setupcharge callsetup flagfall surcharge"),
            (SheetColumn.First, "firstinterval initialinterval initialincrement minimumduration minimumseconds firstincrement minimumincrement minduration i1 first initial"),
            (SheetColumn.Next, "nextinterval subsequentinterval nextincrement subsequentincrement additionalincrement additionalinterval recurringincrement interval in n1 next"),
            (SheetColumn.Increment, "billingincrement billingincrements increment increments rounding roundingrules billing billingterms billingunit pulse"),
            (SheetColumn.From, "effectivedate effective effectivefrom validfrom startdate activationdate datefrom from begindate effectivedatetime"),
            (SheetColumn.Until, "enddate expirydate expirationdate validto validuntil effectivetill effectiveto expires until dateto"),
            (SheetColumn.Status, "status change changetype action ratestatus changes changestatus comment comments remark remarks locked lock locktype blocked"),
            (SheetColumn.Currency, "currency currencycode")),
        Layout("german",
            (SheetColumn.Code, "vorwahl vorwahlen rufnummer kennzahl code"), (SheetColumn.CountryCode, "landesvorwahl laendercode landercode"), (SheetColumn.AreaCode, "ortsvorwahl ortsnetzkennzahl netzvorwahl"),
            (SheetColumn.Area, "ziel destination bezeichnung zone beschreibung"), (SheetColumn.Country, "land"), (SheetColumn.Rate, "neuerpreis preis preisprominute preismin tarif minutenpreis"),
            (SheetColumn.ConnectFee, "verbindungsgebuhr verbindungspreis"), (SheetColumn.Increment, "taktung takt abrechnungstakt"), (SheetColumn.From, "gultigab gueltigab ab"), (SheetColumn.Until, "gultigbis gueltigbis bis"),
            (SheetColumn.Status, "status anderung aenderung"), (SheetColumn.Currency, "wahrung waehrung")),
        Layout("french",
            (SheetColumn.Code, "indicatif indicatifs prefixe code"), (SheetColumn.CountryCode, "indicatifpays codepays"), (SheetColumn.AreaCode, "codezone indicatifregional"),
            (SheetColumn.Area, "destination zone libelle designation"), (SheetColumn.Country, "pays"), (SheetColumn.Rate, "nouveauprix nouveautarif prix tarif prixminute tarifminute prixparminute prixalaminute"),
            (SheetColumn.ConnectFee, "fraisdeconnexion coutdeconnexion etablissement"), (SheetColumn.Increment, "palier facturation increment pasdetaxation"), (SheetColumn.From, "datedeffet dateeffet dateeffective applicablele"), (SheetColumn.Until, "datedefin finvalidite"),
            (SheetColumn.Status, "statut etat evolution"), (SheetColumn.Currency, "devise monnaie")),
        Layout("spanish",
            (SheetColumn.Code, "codigo codigos prefijo prefijos"), (SheetColumn.CountryCode, "codigopais codigodepais"), (SheetColumn.AreaCode, "codigoarea codigodearea codigociudad"),
            (SheetColumn.Area, "destino zona descripcion area"), (SheetColumn.Country, "pais"), (SheetColumn.Rate, "nuevatarifa nuevoprecio tarifa precio tarifaminuto preciominuto precioporminuto tarifaporminuto"),
            (SheetColumn.ConnectFee, "establecimiento cargodeconexion"), (SheetColumn.Increment, "incremento facturacion"), (SheetColumn.From, "vigencia fechaefectiva fechadevigencia fechainicio efectivodesde"), (SheetColumn.Until, "fechafin hasta"),
            (SheetColumn.Status, "estado cambio"), (SheetColumn.Currency, "moneda divisa")),
        Layout("portuguese",
            (SheetColumn.Code, "codigo codigos prefixo prefixos"), (SheetColumn.CountryCode, "codigopais codigodopais"), (SheetColumn.AreaCode, "codigoarea ddd"),
            (SheetColumn.Area, "destino zona descricao"), (SheetColumn.Country, "pais"), (SheetColumn.Rate, "novatarifa novopreco tarifa preco tarifaminuto precominuto precoporminuto"),
            (SheetColumn.Increment, "incremento cadencia"), (SheetColumn.From, "vigencia datavigencia datadevigencia datainicio"), (SheetColumn.Until, "datafim"), (SheetColumn.Status, "estado situacao"), (SheetColumn.Currency, "moeda")),
        Layout("italian",
            (SheetColumn.Code, "prefisso prefissi codice codici"), (SheetColumn.CountryCode, "prefissopaese codicepaese"), (SheetColumn.AreaCode, "prefissolocale"),
            (SheetColumn.Area, "destinazione direttrice zona descrizione"), (SheetColumn.Country, "paese nazione"), (SheetColumn.Rate, "nuovatariffa nuovoprezzo tariffa prezzo prezzominuto tariffaminuto"),
            (SheetColumn.Increment, "scatto fatturazione"), (SheetColumn.From, "validodal decorrenza dataeffetto"), (SheetColumn.Until, "validofinoal datafine"), (SheetColumn.Status, "stato variazione"), (SheetColumn.Currency, "valuta")),
        Layout("turkish",
            (SheetColumn.Code, "kod kodlar alankodu onek"), (SheetColumn.CountryCode, "ulkekodu"), (SheetColumn.AreaCode, "sehirkodu"), (SheetColumn.Area, "yon destinasyon bolge aciklama"), (SheetColumn.Country, "ulke"),
            (SheetColumn.Rate, "yenifiyat fiyat ucret tarife dakikaucreti"), (SheetColumn.Increment, "faturalama periyot"), (SheetColumn.From, "gecerliliktarihi baslangictarihi"), (SheetColumn.Until, "bitistarihi"), (SheetColumn.Status, "durum"), (SheetColumn.Currency, "parabirimi")),
        Layout("russian",
            (SheetColumn.Code, "код коды префикс префиксы"), (SheetColumn.CountryCode, "кодстраны"), (SheetColumn.AreaCode, "кодгорода кодоператора кодзоны"), (SheetColumn.Area, "направление наименование зона описание"), (SheetColumn.Country, "страна"),
            (SheetColumn.Rate, "новаяцена новыитариф цена тариф ценазаминуту стоимость ценамин"), (SheetColumn.Increment, "тарификация шагтарификации округление"), (SheetColumn.From, "датавступления датаначала вступаетвсилу деиствуетс дата"), (SheetColumn.Until, "датаокончания деиствуетпо"),
            (SheetColumn.Status, "статус изменение"), (SheetColumn.Currency, "валюта")),
        Layout("chinese",
            (SheetColumn.Code, "号码前缀 地区前缀 前缀 区号 代码"), (SheetColumn.CountryCode, "国家代码 国家区号"), (SheetColumn.AreaCode, "地区代码 城市区号"), (SheetColumn.Area, "地区名称 地区 目的地 方向 描述"), (SheetColumn.Country, "国家"),
            (SheetColumn.Rate, "新费率 费率 价格 单价 每分钟费率"), (SheetColumn.Fee, "周期费率"), (SheetColumn.Cycle, "计费周期 周期"), (SheetColumn.ConnectFee, "接通费"), (SheetColumn.Increment, "计费方式"), (SheetColumn.From, "生效日期 生效时间"), (SheetColumn.Until, "失效日期 到期日期"),
            (SheetColumn.Status, "状态 变更 锁定 锁定类型"), (SheetColumn.Currency, "币种 货币")),
    ];

    /// <summary>Letters and digits of any script alone, small, without marks: "Dial Code(s)" and "dial-codes" are alike; what stands in brackets is no part of it.</summary>
    public static string Plain(string heading)
    {
        StringBuilder plain = new(heading.Length);
        int depth = 0;
        foreach (char c in heading)
        {
            if (c is '(' or '[' or '（') depth++;
            else if (c is ')' or ']' or '）') depth = Math.Max(0, depth - 1);
            else if (depth == 0 && char.IsLetterOrDigit(c)) plain.Append(Unmarked(char.ToLowerInvariant(c)));
        }
        return plain.ToString();
    }

    /// <summary>The columns of an operator's template; null with what is wrong with it.</summary>
    public static ImmutableDictionary<SheetColumn, ImmutableArray<string>>? Of(IEnumerable<string> columns, out string error)
    {
        Dictionary<SheetColumn, List<string>> all = [];
        foreach (string one in columns)
        {
            int equals = one.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !Enum.TryParse(one[..equals].Trim(), ignoreCase: true, out SheetColumn column) || !Enum.IsDefined(column) || int.TryParse(one[..equals], out _))
            {
                error = $"'{one}' is not COLUMN=HEADING with a column of {string.Join(", ", Enum.GetNames<SheetColumn>().Select(JsonNamingPolicy.CamelCase.ConvertName))}";
                return null;
            }
            string heading = Plain(one[(equals + 1)..]);
            if (heading.Length == 0)
            {
                error = $"'{one}' has no heading";
                return null;
            }
            if (all.TryGetValue(column, out List<string>? known)) known.Add(heading);
            else all[column] = [heading];
        }
        error = "";
        return all.ToImmutableDictionary(static p => p.Key, static p => p.Value.ToImmutableArray());
    }

    // Without tables of a culture: the program runs the same wherever it is.
    private static char Unmarked(char c) => Marked.IndexOf(c) is >= 0 and var at ? Plainly[at] : c;

    private const string Marked = "áàâãäåāăąçćčďđéèêëēėęěğíìîïīįıłńñňóòôõöőøřśšşșťţțúùûüūůűųýÿźżžйё";
    private const string Plainly = "aaaaaaaaacccddeeeeeeeegiiiiiiilnnnooooooorsssstttuuuuuuuuyyzzzие";

    /// <summary>What is wrong with the columns of a template taken together; null: nothing.</summary>
    public static string? Wrong(IReadOnlyList<string> columns) =>
        columns.Count > 0 && Of(columns, out _) is { } all && !((all.ContainsKey(SheetColumn.Code) || all.ContainsKey(SheetColumn.AreaCode)) && (all.ContainsKey(SheetColumn.Rate) || all.ContainsKey(SheetColumn.Fee)))
            ? "the columns name no code, or no rate: without one of each no table is known by them"
            : null;

    private static (string, ImmutableDictionary<SheetColumn, ImmutableArray<string>>) Layout(string name, params (SheetColumn Column, string Headings)[] columns) =>
        (name, columns.ToImmutableDictionary(static c => c.Column, static c => c.Headings.Split(' ').ToImmutableArray()));
}
