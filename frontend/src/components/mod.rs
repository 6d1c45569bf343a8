//! Pieces that places are made of: plain functions that give an element each.

pub(crate) mod element;
pub(crate) mod icon;
pub(crate) mod link;
pub(crate) mod notice;
pub(crate) mod remaining;
pub(crate) mod stars;
