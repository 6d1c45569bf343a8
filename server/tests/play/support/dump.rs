//! The whole store as text, to compare before and after.

use std::fmt::Write;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Every row of every table of both files.
pub(crate) fn dump(directory: &Path) -> String {
    let mut text = String::new();
    for file in ["dripline.sqlite", "segments.sqlite"] {
        let connection =
            Connection::open_with_flags(directory.join(file), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut statement =
            connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        let tables: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for table in tables {
            dump_table(&connection, &table, &mut text);
        }
    }
    text
}

fn dump_table(connection: &Connection, table: &str, text: &mut String) {
    writeln!(text, "{table}").unwrap();
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            match row.get_ref(column).unwrap() {
                ValueRef::Blob(bytes) => {
                    for byte in bytes {
                        write!(text, "{byte:02x}").unwrap();
                    }
                }
                ValueRef::Text(letters) => text.push_str(&String::from_utf8_lossy(letters)),
                other => write!(text, "{other:?}").unwrap(),
            }
            text.push(' ');
        }
        text.push('\n');
    }
}
