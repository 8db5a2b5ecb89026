//! Files that are no text, told by their first bytes.

/// First bytes, and the reason why such a file isn't read.
const KINDS: [(&[u8], &str); 12] = [
    (b"PK\x03\x04", "is a zip archive: give its name the ending .zip."),
    (b"PK\x05\x06", "is an empty zip archive."),
    (b"\x1F\x8B", "is compressed with gzip: unpack it first."),
    (b"\xFD7zXZ\0", "is compressed with xz: unpack it first."),
    (b"BZh", "is compressed with bzip2: unpack it first."),
    (b"\x28\xB5\x2F\xFD", "is compressed with zstd: unpack it first."),
    (b"7z\xBC\xAF\x27\x1C", "is a 7z archive: unpack it first, or pack it as zip."),
    (b"Rar!", "is a rar archive: unpack it first, or pack it as zip."),
    (b"\xD0\xCF\x11\xE0", "is an Office document: save the table in it as CSV (UTF-8)."),
    (b"%PDF", "is a PDF: export the rules themselves."),
    (b"SQLite format 3\0", "is a database: export the rules themselves."),
    (b"ElfFile\0", "is a Windows event log: export the rules themselves."),
];

/// The offset of the signature in a tar archive.
const TAR: usize = 257;

/// Returns the reason why a file isn't read, if its first bytes say that it is no text.
pub fn other_than_text(name: &str, bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(TAR..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Some("is a tar archive: unpack it first, or pack it as zip.");
    }
    let (_, reason) = KINDS.iter().find(|(start, _)| bytes.starts_with(start))?;
    let workbook = [".xlsx", ".xlsm", ".ods"].iter().any(|end| name.to_lowercase().ends_with(end));
    Some(if workbook { "is a workbook: save the sheet in it as CSV (UTF-8)." } else { reason })
}
