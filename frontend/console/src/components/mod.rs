//! The pieces of which the pages are made.

mod action;
mod button;
mod chart;
mod confirm;
mod copy;
mod field;
mod figure;
mod fold;
mod load;
mod notice;
mod pages;
mod piece;
mod setting;
mod table;

pub(crate) use action::use_action;
pub(crate) use button::{button, link, opener};
pub(crate) use chart::{Line, Scale};
pub(crate) use confirm::confirm;
pub(crate) use copy::copy;
pub(crate) use field::{text_field, text_of};
pub(crate) use figure::{FigureProps, download, figure};
pub(crate) use fold::use_fold;
pub(crate) use load::{use_again_soon, use_loaded};
pub(crate) use notice::{Tone, notice};
pub(crate) use pages::use_pages;
pub(crate) use piece::{piece, piece_of};
pub(crate) use setting::{SettingProps, setting_field};
pub(crate) use table::{Cell, Column, Row, facts, part, table};
