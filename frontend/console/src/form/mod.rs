//! What is typed into a field, as a setting of a catalog and back. Pure.

mod fields;
mod kind;
mod path;

pub(crate) use fields::{Field, Group, campaign_groups, level_groups, limit_groups, reward_groups};
pub(crate) use kind::{Kind, duration};
pub(crate) use path::{edited, setting};
