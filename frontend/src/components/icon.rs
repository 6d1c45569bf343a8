//! The page's pictures: drawn here, each a few strokes in a square of 24.

use crate::components::element::{Element, Name, element};

/// A picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    /// A drop: money.
    Drop,
    /// A star that was earned.
    Star,
    /// A lock.
    Lock,
    /// What is done.
    Check,
    /// What needs attention.
    Warning,
    /// A clock.
    Clock,
    /// Two bars.
    Pause,
    /// A triangle.
    Play,
    /// A loudspeaker that sounds.
    SoundOn,
    /// A loudspeaker that is silent.
    SoundOff,
    /// Two sheets.
    Copy,
    /// An arrow into a tray.
    Download,
    /// An arrow back.
    Back,
    /// A key.
    Key,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Drop => "M12 2.5c3.6 4.3 6.5 7.9 6.5 11.7a6.5 6.5 0 0 1-13 0C5.5 10.4 8.4 6.8 12 2.5z",
            Self::Star => "M12 2.6l2.9 5.9 6.5.9-4.7 4.6 1.1 6.4-5.8-3-5.8 3 1.1-6.4L2.6 9.4l6.5-.9z",
            Self::Lock => "M6 11V8a6 6 0 0 1 12 0v3M4.5 11h15v9.5h-15zM12 15v2.5",
            Self::Check => "M4.5 12.5l5 5 10-11",
            Self::Warning => "M12 3.5l9.5 17h-19zM12 10v5M12 17.6v.4",
            Self::Clock => "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18zM12 7.5V12l3 2.2",
            Self::Pause => "M8 5v14M16 5v14",
            Self::Play => "M7 4.5v15l12-7.5z",
            Self::SoundOn => {
                "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"
            }
            Self::SoundOff => "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
            Self::Copy => "M9 9h11v11H9zM15 9V4H4v11h5",
            Self::Download => "M12 4v11M7.5 11l4.5 4.5L16.5 11M4.5 20h15",
            Self::Back => "M19 12H5M11 5.5L4.5 12l6.5 6.5",
            Self::Key => "M8 9.5a4.5 4.5 0 1 1 0 5.5a4.5 4.5 0 0 1 0-5.5zM12.3 12H21v4M17 12v3",
        }
    }

    /// Filled shapes; the others are strokes.
    const fn is_solid(self) -> bool {
        matches!(self, Self::Drop | Self::Star | Self::Play)
    }
}

/// A picture beside words: a screen reader passes it over.
#[inline(never)]
pub(crate) fn icon(icon: Icon) -> Element {
    element("svg", if icon.is_solid() { "icon is-solid" } else { "icon" })
        .attribute(Name::ViewBox, "0 0 24 24")
        .attribute(Name::AriaHidden, "true")
        .attribute(Name::Focusable, "false")
        .with(element("path", "").attribute(Name::D, icon.path()))
}
