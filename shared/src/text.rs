//! What texts of one line may have in them that people read beside those of others: nothing that is not seen, or that turns round
//! how the rest is seen. Otherwise a name could look like another one where somebody decides by it, in the console or the audit log.

/// Whether this can be what something is called: nothing in it is [hidden](is_hidden).
pub fn is_name(text: &str) -> bool {
    !text.chars().any(is_hidden)
}

/// Whether this can be a line that is read for what it says, such as a reason, or a text for visitors: nothing in it is
/// [hidden](is_hidden), but for what writes letters and emoji together, right after a character that is seen. Persian and many
/// languages of India need it to spell words, and so do many emoji; nobody takes a line for another one because of it.
pub fn is_line(text: &str) -> bool {
    let mut is_after_seen = false;
    text.chars().all(|char| match char {
        // A joiner ends it: the next one would do nothing.
        ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER => std::mem::take(&mut is_after_seen),
        TEXT_STYLE | EMOJI_STYLE => is_after_seen,
        char => {
            is_after_seen = !char.is_whitespace();
            !is_hidden(char)
        }
    })
}

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Has the character before it drawn as text.
const TEXT_STYLE: char = '\u{fe0e}';
/// Has the character before it drawn as an emoji.
const EMOJI_STYLE: char = '\u{fe0f}';

/// Whether a character is not seen by itself, or is more than one line: controls, format characters (which set the direction of text,
/// too), separators of lines and paragraphs, and whatever else is ignored where it cannot be drawn. Unicode 17.0: general
/// categories Cc, Cf, Zl and Zp (`DerivedGeneralCategory.txt`), and `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt`).
pub fn is_hidden(char: char) -> bool {
    let is_ignorable = matches!(
        char,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    // Those that are not ignorable, too.
    let is_format = matches!(
        char,
        '\u{600}'..='\u{605}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
    );
    char.is_control() || is_ignorable || is_format || matches!(char, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_lines_of_any_script_are_taken() {
        for text in [
            "The shop",
            "Café № 7",
            "Кофе",
            "קפה",
            "مقهى",
            "咖啡店",
            "คาเฟ่",
            "☕ 24/7",
            "",
            "\u{65}\u{301}t\u{e9}",
        ] {
            assert!(is_name(text) && is_line(text), "{text:?}");
        }
    }

    #[test]
    fn nothing_that_is_not_seen_or_turns_text_round_is_in_a_name_or_a_line() {
        let hidden = [
            '\n',
            '\t',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{fe00}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fffb}',
            '\u{110bd}',
            '\u{1343f}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0061}',
            '\u{e0100}',
        ];
        for char in hidden {
            for text in
                [format!("{char}shop"), format!("sh{char}op"), format!("shop{char}"), char.to_string()]
            {
                assert!(!is_name(&text) && !is_line(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn what_spells_words_and_emoji_is_in_lines_and_not_in_names() {
        // Persian, Hindi, an old way to write Malayalam, a family, a heart on fire, a heart as text.
        for text in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ന\u{d4d}\u{200d}",
            "👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "❤\u{fe0e}",
        ] {
            assert!(is_line(text) && !is_name(text), "{text:?}");
        }
    }

    #[test]
    fn a_joiner_joins_something() {
        for joiner in [ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER] {
            for text in [
                format!("{joiner}a"),
                format!("a {joiner}b"),
                format!("a{joiner}{joiner}b"),
                format!("a{joiner}\u{fe0f}b"),
            ] {
                assert!(!is_line(&text), "{text:?}");
            }
        }
        assert!(!is_line("\u{fe0f}a") && !is_line(" \u{fe0f}"));
    }
}
