//! What is typed into a field, as a setting of a catalog or of a site, and back. Pure.

mod fields;
mod kind;
mod path;
mod site;

pub(crate) use fields::{Field, Group, campaign_groups, level_groups, limit_groups, reward_groups};
pub(crate) use kind::{Kind, duration};
pub(crate) use path::{edited, setting};
pub(crate) use site::{look_fields, mistake_at, site_fields, webhook_field};
