//! Where the player is, as the path of the address.

use dripline_shared::catalog::is_id;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Route {
    /// The level map.
    #[default]
    Map,
    /// A level: about to be played, in play, or its result.
    Play(String),
    /// The wallet.
    Wallet,
}

impl Route {
    /// Reads a path; what is no place of ours is the map.
    pub(crate) fn parse(path: &str) -> Self {
        match path.strip_prefix("/play/") {
            Some(level) if is_id(level) => Self::Play(level.to_owned()),
            _ if path == "/wallet" => Self::Wallet,
            _ => Self::Map,
        }
    }

    /// The path.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Map => "/".to_owned(),
            Self::Play(level) => format!("/play/{level}"),
            Self::Wallet => "/wallet".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_read_back_from_its_path() {
        for route in [Route::Map, Route::Wallet, Route::Play("catch-1".to_owned())] {
            assert_eq!(Route::parse(&route.path()), route);
        }
    }

    #[test]
    fn a_path_that_is_no_place_is_the_map() {
        for path in ["", "/nowhere", "/play/", "/play", "/play/Catch 1", "/play/<b>", "/wallet/x"] {
            assert_eq!(Route::parse(path), Route::Map);
        }
    }
}
