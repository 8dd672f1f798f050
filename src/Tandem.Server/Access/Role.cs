namespace Tandem.Server.Access;

/// <summary>What a user or key is. Few, because each is a row of <see cref="Roles.May"/> that somebody must understand (docs/users.md).</summary>
public enum Role
{
    /// <summary>Everything.</summary>
    Administrator,
    /// <summary>Sees everything; payments, packages, cards, decks and re-rating.</summary>
    Finance,
    /// <summary>Sees everything; gateways, phones, numbers and what else does not move money.</summary>
    Routing,
    /// <summary>Sees everything; ends calls and blocks, confirms alarms.</summary>
    Support,
    /// <summary>Sees everything.</summary>
    ReadOnly,
    /// <summary>Sees its account and those below it.</summary>
    Agent,
    /// <summary>Sees its account.</summary>
    Customer,
}

/// <summary>What an endpoint does, as far as it matters who may.</summary>
[Flags]
public enum Permission
{
    /// <summary>Needs no token.</summary>
    Open = 0,
    /// <summary>Whoever is signed in, of himself.</summary>
    Self = 1,
    /// <summary>The whole switch is seen.</summary>
    See = 2,
    /// <summary>Calls, blocks, alarms.</summary>
    Operate = 4,
    /// <summary>Money is booked or priced.</summary>
    Money = 8,
    /// <summary>Documents and number tables.</summary>
    Configure = 16,
    /// <summary>Settings.</summary>
    Set = 32,
    /// <summary>Users, keys, everybody's sessions.</summary>
    Users = 64,
}

public static class Roles
{
    /// <summary>Tenants see what is theirs: the row of the endpoint says how that is cut out (<see cref="AccessTable"/>).</summary>
    public static bool IsTenant(this Role role) => role is Role.Agent or Role.Customer;

    public static Permission May(this Role role) => role switch
    {
        Role.Administrator => Permission.Self | Permission.See | Permission.Operate | Permission.Money | Permission.Configure | Permission.Set | Permission.Users,
        Role.Finance => Permission.Self | Permission.See | Permission.Money,
        Role.Routing => Permission.Self | Permission.See | Permission.Operate | Permission.Configure,
        Role.Support => Permission.Self | Permission.See | Permission.Operate,
        Role.ReadOnly => Permission.Self | Permission.See,
        _ => Permission.Self,
    };
}
