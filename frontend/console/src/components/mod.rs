//! The pieces of which the pages are made.

mod action;
mod chart;
mod confirm;
mod copy;
mod figure;
mod fold;
mod load;
mod notice;
mod piece;
mod setting;
mod table;

pub(crate) use action::use_action;
pub(crate) use chart::{Chart, Line, Scale};
pub(crate) use confirm::Confirm;
pub(crate) use copy::Copy;
pub(crate) use figure::{Figure, download};
pub(crate) use fold::use_fold;
pub(crate) use load::{use_again_soon, use_loaded};
pub(crate) use notice::{Tone, notice};
pub(crate) use piece::{piece, piece_of};
pub(crate) use setting::Setting;
pub(crate) use table::{Cell, Column, Row, facts, part, table};
