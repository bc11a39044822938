//! What somebody may do; also the scopes of API tokens.

use std::fmt;

/// One thing that a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Permission {
    /// See which stations there are, and whether they record.
    SeeStations,
    /// See what was scanned at a station; a display sees its own station only, and no whole record number.
    SeeBoard,
    /// See the scanners, and how they are set up.
    SeeScanners,
    /// Find charts, and see where they are and have been.
    Locate,
    /// Ask for charts.
    Request,
    /// Do the file room's work: the work list, entries by hand.
    Work,
    /// Print labels.
    Print,
    /// Deliver scans, as a program.
    Scan,
    /// Put right what was recorded, look after custodians: what a clerk leaves to the supervisor.
    Supervise,
    /// Say which charts are opened with a reason only.
    Restrict,
    /// Read and export the audit log.
    SeeAudit,
    /// Make and close accounts, displays and tokens.
    Administer,
}

impl Permission {
    /// All of them.
    pub const ALL: [Permission; 12] = [
        Permission::SeeStations,
        Permission::SeeBoard,
        Permission::SeeScanners,
        Permission::Locate,
        Permission::Request,
        Permission::Work,
        Permission::Print,
        Permission::Scan,
        Permission::Supervise,
        Permission::Restrict,
        Permission::SeeAudit,
        Permission::Administer,
    ];

    /// What a token may be given: programs make no accounts, and no other tokens.
    pub const OF_TOKENS: [Permission; 9] = [
        Permission::Scan,
        Permission::Locate,
        Permission::Request,
        Permission::SeeStations,
        Permission::SeeBoard,
        Permission::SeeScanners,
        Permission::Work,
        Permission::Print,
        Permission::Supervise,
    ];

    /// Its name, as a scope and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::SeeStations => "see-stations",
            Permission::SeeBoard => "see-board",
            Permission::SeeScanners => "see-scanners",
            Permission::Locate => "locate",
            Permission::Request => "request",
            Permission::Work => "work",
            Permission::Print => "print",
            Permission::Scan => "scan",
            Permission::Supervise => "supervise",
            Permission::Restrict => "restrict",
            Permission::SeeAudit => "see-audit",
            Permission::Administer => "administer",
        }
    }

    /// What it allows, for people.
    pub fn title(self) -> &'static str {
        match self {
            Permission::SeeStations => "see the stations",
            Permission::SeeBoard => "see what was scanned at a station",
            Permission::SeeScanners => "see the scanners",
            Permission::Locate => "find charts and read their history",
            Permission::Request => "ask for charts",
            Permission::Work => "do the file room's work",
            Permission::Print => "print labels",
            Permission::Scan => "deliver scans",
            Permission::Supervise => "put right what was recorded",
            Permission::Restrict => "restrict charts",
            Permission::SeeAudit => "read the audit log",
            Permission::Administer => "make and close accounts",
        }
    }

    /// The permission of this name.
    pub fn named(name: &str) -> Option<Permission> {
        Permission::ALL.into_iter().find(|permission| permission.as_str() == name)
    }

    fn bit(self) -> u16 {
        1 << u16::from(self as u8)
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u16);

impl Permissions {
    /// None.
    pub const NONE: Permissions = Permissions(0);

    /// Whether it is among them.
    pub fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// These, in the order of [`Permission::ALL`].
    pub fn list(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.has(*permission))
    }

    /// Reads what [`Display`](fmt::Display) wrote. A name that is not known any more allows nothing.
    pub fn parse(text: &str) -> Permissions {
        text.split(' ').filter_map(Permission::named).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Permissions {
        Permissions(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.list().map(Permission::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_name_and_a_bit_of_its_own() {
        for permission in Permission::ALL {
            assert_eq!(Permission::named(permission.as_str()), Some(permission));
            let alone: Permissions = [permission].into_iter().collect();
            assert_eq!(alone.list().collect::<Vec<_>>(), [permission]);
            assert_eq!(Permissions::parse(&alone.to_string()), alone);
        }
        assert_eq!(Permissions::parse(""), Permissions::NONE);
        assert_eq!(Permissions::parse("fly locate").to_string(), "locate");
    }
}
