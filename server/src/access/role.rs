//! What each role may do: the one table of it.

use std::collections::BTreeSet;

use dripline_shared::api::access::{KeyMode, Permission, Role};

/// What a role may do.
pub const fn permissions(role: Role) -> &'static [Permission] {
    use Permission::{
        EditCatalog, Emergency, ManagePayouts, ManagePlayers, ManageSites, MoveMoney, PublishCatalog,
        ReadAudit, View,
    };
    match role {
        Role::Viewer => &[View],
        Role::Editor => &[View, EditCatalog, PublishCatalog, Emergency, ManageSites],
        // Whoever is answerable for money sees what others have changed.
        Role::Treasurer => &[View, ManagePayouts, MoveMoney, ReadAudit, ManagePlayers, Emergency],
        Role::Owner => &Permission::ALL,
    }
}

/// What a key for trying programs out may do at most: nothing that players meet.
pub const TEST: &[Permission] = &[Permission::View, Permission::EditCatalog];

/// What whoever has this role may do, restricted to `scopes` where there are any, and by what the key is for.
pub fn may(role: Role, scopes: Option<&[Permission]>, mode: KeyMode) -> BTreeSet<Permission> {
    let is_scope = |permission: &Permission| scopes.is_none_or(|scopes| scopes.contains(permission));
    let is_of_mode = |permission: &Permission| mode == KeyMode::Live || TEST.contains(permission);
    permissions(role).iter().copied().filter(|it| is_scope(it) && is_of_mode(it)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What gives access.
    const OF_OWNERS: [Permission; 2] = [Permission::ManageKeys, Permission::ManageOperators];

    #[test]
    fn every_permission_is_of_a_role_besides_the_owner_but_that_of_giving_access() {
        for permission in Permission::ALL {
            let others = [Role::Viewer, Role::Editor, Role::Treasurer];
            let is_of_others = others.iter().any(|role| permissions(*role).contains(&permission));
            assert_eq!(is_of_others, !OF_OWNERS.contains(&permission), "{permission:?}");
            assert!(permissions(Role::Owner).contains(&permission));
        }
    }

    #[test]
    fn scopes_give_nothing_that_the_role_does_not() {
        let scopes = [Permission::View, Permission::MoveMoney];
        assert_eq!(may(Role::Editor, Some(&scopes), KeyMode::Live), [Permission::View].into());
        assert_eq!(may(Role::Owner, Some(&scopes), KeyMode::Live), scopes.into());
        assert!(may(Role::Owner, Some(&[]), KeyMode::Live).is_empty());
    }

    #[test]
    fn a_key_for_trying_out_changes_nothing_that_players_meet() {
        for role in Role::ALL {
            assert!(may(role, None, KeyMode::Test).iter().all(|permission| TEST.contains(permission)));
        }
    }
}
