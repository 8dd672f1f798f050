namespace Tandem.Switching.Routing;

/// <summary>Holds the tables in force. Readers take no lock; a publication is one write.</summary>
public sealed class TableBook(SwitchTables first)
{
    private volatile SwitchTables _current = first;

    /// <summary>Read once per call attempt and carried along: one attempt sees one revision.</summary>
    public SwitchTables Current => _current;

    public void Publish(SwitchTables next) => _current = next;
}
