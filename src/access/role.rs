//! The roles, each with the least it needs.

use super::{Permission, Permissions};

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A screen at a station: shows that station's outcomes, and nothing that names a patient.
    Display,
    /// Asks for charts.
    Requester,
    /// Works in the file room.
    Clerk,
    /// Looks after the file room's work.
    Supervisor,
    /// Looks after who looked at what.
    Privacy,
    /// Looks after accounts, stations and scanners; sees no charts.
    Administrator,
}

impl Role {
    /// All of them, the one with the least first.
    pub const ALL: [Role; 6] =
        [Role::Display, Role::Requester, Role::Clerk, Role::Supervisor, Role::Privacy, Role::Administrator];

    /// What it may do.
    pub fn permissions(self) -> Permissions {
        use Permission::{
            Administer, Locate, Print, Request, Restrict, Scan, SeeAudit, SeeBoard, SeeScanners, SeeStations,
            Supervise, Work,
        };
        let permissions: &[Permission] = match self {
            Role::Display => &[SeeBoard],
            Role::Requester => &[Locate, Request],
            Role::Clerk => &[SeeStations, SeeBoard, SeeScanners, Locate, Request, Work, Print, Scan],
            Role::Supervisor => {
                &[SeeStations, SeeBoard, SeeScanners, Locate, Request, Work, Print, Scan, Supervise, Restrict]
            }
            Role::Privacy => &[Locate, Restrict, SeeAudit],
            Role::Administrator => &[SeeStations, SeeScanners, Administer],
        };
        permissions.iter().copied().collect()
    }

    /// Its name, as it is stored and typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Display => "display",
            Role::Requester => "requester",
            Role::Clerk => "clerk",
            Role::Supervisor => "supervisor",
            Role::Privacy => "privacy",
            Role::Administrator => "administrator",
        }
    }

    /// What it is for, for people.
    pub fn purpose(self) -> &'static str {
        match self {
            Role::Display => "a screen at a station: outcomes and counts, no names, no whole record numbers",
            Role::Requester => "finds charts and asks for them",
            Role::Clerk => "finds charts, works through the work list, prints labels",
            Role::Supervisor => "a clerk who may also put right what was recorded",
            Role::Privacy => "reads the audit log, finds the charts in it, and restricts charts",
            Role::Administrator => "makes accounts, looks after scanners; sees no charts",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// A screen, not a person: it has no password, and its sign-in lasts until somebody ends it.
    pub fn is_device(self) -> bool {
        self == Role::Display
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: Role, expect: &str) {
        assert_eq!(role.permissions().to_string(), expect, "{}", role.as_str());
        assert_eq!(Role::named(role.as_str()), Some(role));
    }

    #[test]
    fn each_role_has_the_least_it_needs() {
        check(Role::Display, "see-board");
        check(Role::Requester, "locate request");
        check(Role::Clerk, "see-stations see-board see-scanners locate request work print scan");
        check(
            Role::Supervisor,
            "see-stations see-board see-scanners locate request work print scan supervise restrict",
        );
        check(Role::Privacy, "locate restrict see-audit");
        check(Role::Administrator, "see-stations see-scanners administer");
    }

    #[test]
    fn nobody_is_judge_and_party() {
        for role in Role::ALL {
            let may = role.permissions();
            assert!(!(may.has(Permission::SeeAudit) && may.has(Permission::Work)), "{}", role.as_str());
            assert!(!(may.has(Permission::Administer) && may.has(Permission::Locate)), "{}", role.as_str());
        }
    }
}
