namespace Tandem.Server.Demo;

/// <summary>A country or zone of the telephone world.</summary>
/// <param name="Code">Its country code (ITU-T E.164).</param>
/// <param name="Name">Its name as rate decks write it.</param>
/// <param name="Mobile">Leading digits of national mobile numbers, separated by blanks; empty where they are not told apart here.</param>
public sealed record E164Zone(string Code, string Name, string Mobile = "");

/// <summary>Assigned country codes (ITU-T E.164, list of assigned codes) with the best-known mobile ranges of national plans: facts to generate demo decks from, no routing data.</summary>
public static class E164Plan
{
    /// <summary>The North American plan: 1 and an area code of three digits, the first 2 to 9.</summary>
    public const string NorthAmerica = "1";

    /// <summary>Area codes of the North American plan outside the United States.</summary>
    public static readonly IReadOnlyList<(string AreaCode, string Name)> NorthAmericanIslandsAndCanada =
    [
        ("204", "Canada"), ("226", "Canada"), ("236", "Canada"), ("242", "Bahamas"), ("246", "Barbados"), ("249", "Canada"), ("250", "Canada"), ("264", "Anguilla"),
        ("268", "Antigua and Barbuda"), ("284", "British Virgin Islands"), ("289", "Canada"), ("306", "Canada"), ("340", "US Virgin Islands"), ("343", "Canada"),
        ("345", "Cayman Islands"), ("403", "Canada"), ("416", "Canada"), ("418", "Canada"), ("438", "Canada"), ("441", "Bermuda"), ("450", "Canada"), ("473", "Grenada"),
        ("506", "Canada"), ("514", "Canada"), ("519", "Canada"), ("587", "Canada"), ("604", "Canada"), ("613", "Canada"), ("647", "Canada"), ("649", "Turks and Caicos Islands"),
        ("658", "Jamaica"), ("664", "Montserrat"), ("670", "Northern Mariana Islands"), ("671", "Guam"), ("684", "American Samoa"), ("705", "Canada"), ("709", "Canada"),
        ("721", "Sint Maarten"), ("758", "Saint Lucia"), ("767", "Dominica"), ("778", "Canada"), ("780", "Canada"), ("784", "Saint Vincent and the Grenadines"),
        ("787", "Puerto Rico"), ("807", "Canada"), ("809", "Dominican Republic"), ("819", "Canada"), ("829", "Dominican Republic"), ("849", "Dominican Republic"),
        ("867", "Canada"), ("868", "Trinidad and Tobago"), ("869", "Saint Kitts and Nevis"), ("876", "Jamaica"), ("902", "Canada"), ("905", "Canada"), ("939", "Puerto Rico"),
    ];

    public static readonly IReadOnlyList<E164Zone> Zones =
    [
        new("20", "Egypt", "10 11 12 15"), new("211", "South Sudan", "9"), new("212", "Morocco", "6 7"), new("213", "Algeria", "5 6 7"), new("216", "Tunisia", "2 4 5 9"),
        new("218", "Libya", "9"), new("220", "Gambia"), new("221", "Senegal", "7"), new("222", "Mauritania"), new("223", "Mali"), new("224", "Guinea", "6"),
        new("225", "Ivory Coast", "01 05 07"), new("226", "Burkina Faso"), new("227", "Niger"), new("228", "Togo"), new("229", "Benin"), new("230", "Mauritius", "5"),
        new("231", "Liberia"), new("232", "Sierra Leone"), new("233", "Ghana", "2 5"), new("234", "Nigeria", "70 80 81 90 91"), new("235", "Chad"),
        new("236", "Central African Republic", "7"), new("237", "Cameroon", "6"), new("238", "Cape Verde", "9"), new("239", "Sao Tome and Principe"),
        new("240", "Equatorial Guinea"), new("241", "Gabon"), new("242", "Congo"), new("243", "Congo, Democratic Republic", "8 9"), new("244", "Angola", "9"),
        new("245", "Guinea-Bissau"), new("246", "Diego Garcia"), new("247", "Ascension Island"), new("248", "Seychelles", "2"), new("249", "Sudan", "9 1"),
        new("250", "Rwanda", "7"), new("251", "Ethiopia", "9 7"), new("252", "Somalia"), new("253", "Djibouti", "77"), new("254", "Kenya", "7 1"), new("255", "Tanzania", "6 7"),
        new("256", "Uganda", "7"), new("257", "Burundi"), new("258", "Mozambique", "8"), new("260", "Zambia", "9 7"), new("261", "Madagascar", "3"), new("262", "Reunion and Mayotte", "692 693 639"),
        new("263", "Zimbabwe", "7"), new("264", "Namibia", "8"), new("265", "Malawi", "8 9"), new("266", "Lesotho", "5 6"), new("267", "Botswana", "7"), new("268", "Eswatini", "7"),
        new("269", "Comoros"), new("27", "South Africa", "6 7 8"), new("290", "Saint Helena"), new("291", "Eritrea", "7"), new("297", "Aruba"), new("298", "Faroe Islands"),
        new("299", "Greenland"), new("30", "Greece", "69"), new("31", "Netherlands", "6"), new("32", "Belgium", "4"), new("33", "France", "6 7"), new("34", "Spain", "6 7"),
        new("350", "Gibraltar", "5"), new("351", "Portugal", "9"), new("352", "Luxembourg", "6"), new("353", "Ireland", "8"), new("354", "Iceland"), new("355", "Albania", "6"),
        new("356", "Malta", "7 9"), new("357", "Cyprus", "9"), new("358", "Finland", "4 50"), new("359", "Bulgaria", "87 88 89 98"), new("36", "Hungary", "20 30 31 70"),
        new("370", "Lithuania", "6"), new("371", "Latvia", "2"), new("372", "Estonia", "5"), new("373", "Moldova", "6 7"), new("374", "Armenia", "4 7 9"), new("375", "Belarus", "25 29 33 44"),
        new("376", "Andorra", "3 6"), new("377", "Monaco", "4 6"), new("378", "San Marino", "6"), new("380", "Ukraine", "39 50 63 66 67 68 73 9"), new("381", "Serbia", "6"),
        new("382", "Montenegro", "6"), new("383", "Kosovo", "4"), new("385", "Croatia", "9"), new("386", "Slovenia", "3 4 5 6 7"), new("387", "Bosnia and Herzegovina", "6"),
        new("389", "North Macedonia", "7"), new("39", "Italy", "3"), new("40", "Romania", "7"), new("41", "Switzerland", "7"), new("420", "Czechia", "6 7"), new("421", "Slovakia", "9"),
        new("423", "Liechtenstein", "7"), new("43", "Austria", "65 66 67 68 69"), new("44", "United Kingdom", "71 73 74 75 77 78 79"), new("45", "Denmark"), new("46", "Sweden", "7"),
        new("47", "Norway", "4 9"), new("48", "Poland", "45 50 51 53 57 60 66 69 72 73 78 79 88"), new("49", "Germany", "15 16 17"), new("500", "Falkland Islands"), new("501", "Belize", "6"),
        new("502", "Guatemala", "3 4 5"), new("503", "El Salvador", "7 6"), new("504", "Honduras", "3 8 9"), new("505", "Nicaragua", "8"), new("506", "Costa Rica", "6 7 8"),
        new("507", "Panama", "6"), new("508", "Saint Pierre and Miquelon", "55"), new("509", "Haiti", "3 4"), new("51", "Peru", "9"), new("52", "Mexico"), new("53", "Cuba", "5"),
        new("54", "Argentina", "9"), new("55", "Brazil"), new("56", "Chile", "9"), new("57", "Colombia", "3"), new("58", "Venezuela", "4"), new("590", "Guadeloupe", "690"),
        new("591", "Bolivia", "6 7"), new("592", "Guyana", "6"), new("593", "Ecuador", "9"), new("594", "French Guiana", "694"), new("595", "Paraguay", "9"), new("596", "Martinique", "696"),
        new("597", "Suriname", "7 8"), new("598", "Uruguay", "9"), new("599", "Curacao and Caribbean Netherlands"), new("60", "Malaysia", "1"), new("61", "Australia", "4"),
        new("62", "Indonesia", "8"), new("63", "Philippines", "9"), new("64", "New Zealand", "2"), new("65", "Singapore", "8 9"), new("66", "Thailand", "6 8 9"), new("670", "Timor-Leste", "7"),
        new("672", "Australian External Territories"), new("673", "Brunei", "7 8"), new("674", "Nauru"), new("675", "Papua New Guinea", "7"), new("676", "Tonga"), new("677", "Solomon Islands", "7 8"),
        new("678", "Vanuatu", "5 7"), new("679", "Fiji", "7 8 9"), new("680", "Palau"), new("681", "Wallis and Futuna"), new("682", "Cook Islands"), new("683", "Niue"),
        new("685", "Samoa", "7"), new("686", "Kiribati", "7"), new("687", "New Caledonia"), new("688", "Tuvalu"), new("689", "French Polynesia", "8"), new("690", "Tokelau"),
        new("691", "Micronesia"), new("692", "Marshall Islands"), new("7", "Russia and Kazakhstan", "9 70 77"), new("81", "Japan", "70 80 90"), new("82", "South Korea", "10"),
        new("84", "Vietnam", "3 5 7 8 9"), new("850", "North Korea"), new("852", "Hong Kong", "5 6 9"), new("853", "Macao", "6"), new("855", "Cambodia", "1 6 7 8 9"), new("856", "Laos", "20"),
        new("86", "China", "13 14 15 17 18 19"), new("880", "Bangladesh", "1"), new("886", "Taiwan", "9"), new("90", "Turkey", "5"), new("91", "India", "6 7 8 9"), new("92", "Pakistan", "3"),
        new("93", "Afghanistan", "7"), new("94", "Sri Lanka", "7"), new("95", "Myanmar", "9"), new("960", "Maldives", "7 9"), new("961", "Lebanon", "3 7 81"), new("962", "Jordan", "7"),
        new("963", "Syria", "9"), new("964", "Iraq", "7"), new("965", "Kuwait", "5 6 9"), new("966", "Saudi Arabia", "5"), new("967", "Yemen", "7"), new("968", "Oman", "7 9"),
        new("970", "Palestine", "5"), new("971", "United Arab Emirates", "5"), new("972", "Israel", "5"), new("973", "Bahrain", "3 6"), new("974", "Qatar", "3 5 6 7"), new("975", "Bhutan", "17 77"),
        new("976", "Mongolia", "8 9"), new("977", "Nepal", "97 98"), new("98", "Iran", "9"), new("992", "Tajikistan", "9"), new("993", "Turkmenistan", "6"), new("994", "Azerbaijan", "4 5 7"),
        new("995", "Georgia", "5"), new("996", "Kyrgyzstan", "5 7 9"), new("998", "Uzbekistan", "9"),
    ];
}
