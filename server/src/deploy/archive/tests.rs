//! Hostile archives, byte by byte, beside honest ones.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use tokio_util::sync::CancellationToken;

use super::*;

const SMALL: Limits = Limits { archive: 1 << 20, bytes: 1 << 20, file: 256 << 10, entries: 50 };

/// One block of a header, with its sum.
fn header(name: &[u8], size: u64, kind: u8) -> Vec<u8> {
    let mut header = ::tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_entry_type(::tar::EntryType::new(kind));
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn entry(name: &[u8], content: &[u8], kind: u8) -> Vec<u8> {
    let mut bytes = header(name, content.len() as u64, kind);
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = entries.concat();
    bytes.extend([0; 1024]);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

/// A line of a directory, its local header and its content.
struct Zipped<'a> {
    name: &'a [u8],
    content: &'a [u8],
    mode: u32,
    local: Option<&'a [u8]>,
    told: Option<u32>,
    flags: u16,
}

fn plain<'a>(name: &'a [u8], content: &'a [u8]) -> Zipped<'a> {
    Zipped { name, content, mode: 0o100_644, local: None, told: None, flags: 0 }
}

fn zip(files: &[Zipped<'_>]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let at = bytes.len() as u32;
        let mut crc = flate2::Crc::new();
        crc.update(file.content);
        let size = file.told.unwrap_or(file.content.len() as u32);
        let middle = |out: &mut Vec<u8>, size: u32, name: &[u8]| {
            out.extend(file.flags.to_le_bytes());
            out.extend([0; 6]); // stored, no time
            for number in [crc.sum(), file.content.len() as u32, size] {
                out.extend(number.to_le_bytes());
            }
            out.extend((name.len() as u16).to_le_bytes());
            out.extend([0; 2]);
        };
        let local = file.local.unwrap_or(file.name);
        bytes.extend(b"PK\x03\x04\x14\x00");
        middle(&mut bytes, file.content.len() as u32, local);
        bytes.extend(local);
        bytes.extend(file.content);
        directory.extend(b"PK\x01\x02\x14\x03\x14\x00");
        middle(&mut directory, size, file.name);
        directory.extend([0; 6]);
        directory.extend((file.mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(file.name);
    }
    let start = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        bytes.extend((files.len() as u16).to_le_bytes());
    }
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// Receives the archive in pieces of seven bytes and more; what stays in the folder is looked at.
fn received(data: &Path, archive: &[u8], limits: Limits) -> Result<Stored, ArchiveError> {
    let (sender, incoming) = tokio::sync::mpsc::channel(archive.len() / 7 + 2);
    let size = (archive.len() / 50).max(7);
    for piece in archive.chunks(size) {
        sender.try_send(Ok(bytes::Bytes::copy_from_slice(piece))).unwrap();
    }
    drop(sender);
    receive(data, "x", incoming, limits)
}

fn code(archive: &[u8], limits: Limits) -> &'static str {
    let data = tempfile::tempdir().unwrap();
    let outcome = match received(data.path(), archive, limits) {
        Ok(_) => return "ok",
        Err(ArchiveError::Wrong(wrong)) => wrong.code,
        Err(ArchiveError::Io(error)) => panic!("{error}"),
    };
    let left = fs::read_dir(folder(data.path())).unwrap().count();
    assert_eq!(left, 0, "a refused archive leaves nothing");
    outcome
}

fn all_codes(entries: &[Vec<u8>]) -> [&'static str; 2] {
    let tar = tar(entries);
    [code(&tar, SMALL), code(&gzip(&tar), SMALL)]
}

#[test]
fn honest_archives_are_kept_and_laid() {
    let long = format!("{}/{}", "d".repeat(100), "f".repeat(120));
    let mut record = format!(" path={long}\n");
    record = format!("{}{record}", record.len() + 3);
    let mut program = entry(b"./bin/run", b"#!", b'0');
    program[100..108].copy_from_slice(b"0000755\0");
    let mut sum = ::tar::Header::new_ustar();
    sum.as_mut_bytes().copy_from_slice(&program[..512]);
    sum.set_cksum();
    program[..512].copy_from_slice(sum.as_bytes());
    let tar = tar(&[
        entry(b"pax_global_header", b"19 comment=abcdefg\n", b'g'),
        entry(b"./", b"", b'5'),
        entry(b"./Dockerfile", b"FROM scratch", b'0'),
        entry(b"src/", b"", b'5'),
        entry(b"src/main", &[7; 700], b'\0'),
        program,
        entry(b"x", record.as_bytes(), b'x'),
        entry(b"cut", b"long", b'0'),
        entry(b"././@LongLink", b"gnu/name\0", b'L'),
        entry(b"cut", b"gnu", b'0'),
    ]);
    let zip = zip(&[
        plain(b"Dockerfile", b"FROM scratch"),
        Zipped { mode: 0o040_755, ..plain(b"src/", b"") },
        plain(b"src/main", &[7; 700]),
        Zipped { mode: 0o100_755, ..plain(b"bin/run", b"#!") },
    ]);
    for (archive, more) in [(tar.clone(), true), (gzip(&tar), true), (zip, false)] {
        let data = tempfile::tempdir().unwrap();
        let stored = received(data.path(), &archive, SMALL).unwrap();
        assert_eq!(stored.bytes, archive.len() as u64);
        let kept = place(data.path(), &stored.digest).unwrap();
        assert_eq!(fs::read(&kept).unwrap(), archive);
        let into = data.path().join("work");
        fs::create_dir(&into).unwrap();
        lay(&kept, &into, SMALL, &CancellationToken::new()).unwrap();
        assert_eq!(fs::read(into.join("Dockerfile")).unwrap(), b"FROM scratch");
        assert_eq!(fs::read(into.join("src/main")).unwrap(), [7; 700]);
        let mode = |name: &str| {
            use std::os::unix::fs::PermissionsExt as _;
            fs::metadata(into.join(name)).unwrap().permissions().mode() & 0o777
        };
        assert_eq!((mode("bin/run"), mode("Dockerfile")), (0o755, 0o644));
        if more {
            assert_eq!(fs::read(into.join(&long)).unwrap(), b"long");
            assert_eq!(fs::read(into.join("gnu/name")).unwrap(), b"gnu");
        }
    }
}

#[test]
fn case_137_paths_that_lead_out() {
    let bad: [&[u8]; 11] = [
        b"../x",
        b"a/../../x",
        b"a/..",
        b"/etc/passwd",
        b"C:/x",
        b"c:x",
        b"a\\b",
        b"..\\x",
        b"a\nb",
        b"\xff",
        b"",
    ];
    for name in bad {
        assert_eq!(all_codes(&[entry(name, b"x", b'0')]), ["archive_path"; 2], "{name:?}");
        let good = entry(b"good", b"x", b'0');
        assert_eq!(all_codes(&[good, entry(name, b"x", b'0')]), ["archive_path"; 2], "whole upload");
        assert_eq!(code(&zip(&[plain(b"good", b"x"), plain(name, b"x")]), SMALL), "archive_path", "{name:?}");
    }
    assert_eq!(
        all_codes(&[entry(b"x", b"16 path=../../x\n", b'x'), entry(b"good", b"x", b'0')]),
        ["archive_path"; 2]
    );
    assert_eq!(all_codes(&[entry(b"L", b"../x\0", b'L'), entry(b"good", b"", b'0')]), ["archive_path"; 2]);
    let part = vec![b'a'; 300];
    assert_eq!(all_codes(&[entry(b"L", &part, b'L'), entry(b"good", b"", b'0')]), ["archive_path"; 2]);
    let twice = [entry(b"a", b"x", b'0'), entry(b"./a", b"y", b'0')];
    assert_eq!(all_codes(&twice), ["archive_path"; 2]);
    let through = [entry(b"a", b"x", b'0'), entry(b"a/b", b"y", b'0')];
    assert_eq!(all_codes(&through), ["archive_path"; 2]);
}

#[test]
fn case_138_links_and_devices() {
    for (kind, expected) in [
        (b'1', "archive_link"),
        (b'2', "archive_link"),
        (b'K', "archive_link"),
        (b'3', "archive_entry"),
        (b'4', "archive_entry"),
        (b'6', "archive_entry"),
        (b'S', "archive_entry"),
        (b'V', "archive_entry"),
    ] {
        let through = [entry(b"a", b"", kind), entry(b"a/b", b"y", b'0')];
        assert_eq!(all_codes(&through), [expected; 2], "{}", kind as char);
    }
    for (mode, expected) in
        [(0o120_777, "archive_link"), (0o060_644, "archive_entry"), (0o010_644, "archive_entry")]
    {
        let file = Zipped { mode, ..plain(b"a", b"/etc/passwd") };
        assert_eq!(code(&zip(&[file]), SMALL), expected, "{mode:o}");
    }
}

#[test]
fn case_138_laying_follows_no_link_and_writes_over_nothing() {
    let data = tempfile::tempdir().unwrap();
    let stored = received(data.path(), &tar(&[entry(b"a/b", b"x", b'0')]), SMALL).unwrap();
    let kept = place(data.path(), &stored.digest).unwrap();
    let outside = data.path().join("outside");
    let into = data.path().join("work");
    for folder in [&outside, &into] {
        fs::create_dir(folder).unwrap();
    }
    std::os::unix::fs::symlink(&outside, into.join("a")).unwrap();
    assert!(lay(&kept, &into, SMALL, &CancellationToken::new()).is_err());
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    fs::remove_file(into.join("a")).unwrap();
    fs::create_dir(into.join("a")).unwrap();
    fs::write(into.join("a/b"), "mine").unwrap();
    assert!(lay(&kept, &into, SMALL, &CancellationToken::new()).is_err());
    assert_eq!(fs::read(into.join("a/b")).unwrap(), b"mine");
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    assert!(lay(&kept, &into, SMALL, &cancelled).is_err());
}

#[test]
fn case_139_bombs() {
    let big = vec![0; 200 << 10];
    let many = |count: usize, content: &[u8]| {
        let name = |i| format!("f{i}");
        tar(&(0..count).map(|i| entry(name(i).as_bytes(), content, b'0')).collect::<Vec<_>>())
    };
    assert_eq!(code(&gzip(&many(4, &big)), SMALL), "ok");
    assert_eq!(code(&gzip(&many(6, &big)), SMALL), "archive_too_large", "all files");
    assert_eq!(code(&gzip(&many(1, &[0; 300 << 10])), SMALL), "archive_too_large", "one file");
    assert_eq!(code(&many(51, b""), SMALL), "archive_too_large", "entries");
    assert_eq!(code(&many(6, &big), SMALL), "archive_too_large", "the archive itself");
    let zeros = gzip(&many(3, &vec![0; 40 << 20]));
    let wide = Limits { archive: 1 << 20, bytes: 1 << 30, file: 1 << 30, entries: 50 };
    assert_eq!(code(&zeros, wide), "archive_too_large", "ratio");
    // A packed archive within is a file like any other: it is never unpacked.
    let nested = gzip(&tar(&[entry(b"inner.tar.gz", &zeros, b'0')]));
    assert_eq!(code(&nested, wide), "ok");
    let files: Vec<Zipped<'_>> = vec![plain(b"a", &big), plain(b"b", &big)];
    assert_eq!(code(&zip(&files), Limits { bytes: 300 << 10, ..SMALL }), "archive_too_large");
}

#[test]
fn case_139_cut_and_foreign_files() {
    let whole = tar(&[entry(b"a", b"x", b'0'), entry(b"b", &[1; 900], b'0')]);
    for end in [4, 100, 512, 513, 1024, 1500, 2048] {
        assert_eq!(code(&whole[..end], SMALL), "archive_damaged", "tar cut at {end}");
    }
    let packed = gzip(&whole);
    for end in [4, 20, packed.len() / 2, packed.len() - 1] {
        assert_eq!(code(&packed[..end], SMALL), "archive_damaged", "gzip cut at {end}");
    }
    let zipped = zip(&[plain(b"a", b"x")]);
    for end in [5, 20, zipped.len() - 1] {
        assert_eq!(code(&zipped[..end], SMALL), "archive_damaged", "zip cut at {end}");
    }
    assert_eq!(code(&[b'x'; 2000], SMALL), "archive_format");
    assert_eq!(code(b"BZh91AY", SMALL), "archive_format");
    assert_eq!(code(&[0; 2048], SMALL), "archive_empty");
    assert_eq!(code(b"", SMALL), "archive_damaged");
    let mut flipped = whole.clone();
    flipped[3] ^= 1;
    assert_eq!(code(&flipped, SMALL), "archive_format", "a header that is not what its sum says");
    let mut torn = packed;
    let middle = torn.len() / 2;
    torn[middle] ^= 0x55;
    assert_ne!(code(&torn, SMALL), "ok");
}

#[test]
fn case_140_two_sizes_and_two_directories() {
    let sized = [entry(b"x", b"10 size=0\n", b'x'), entry(b"a", &[1; 600], b'0')];
    assert_eq!(all_codes(&sized), ["archive_damaged"; 2]);
    let global = [entry(b"x", b"10 size=0\n", b'g'), entry(b"a", &[1; 600], b'0')];
    assert_eq!(all_codes(&global), ["archive_entry"; 2]);
    let agreeing = [entry(b"x", b"12 size=600\n", b'x'), entry(b"a", &[1; 600], b'0')];
    assert_eq!(all_codes(&agreeing), ["ok"; 2]);
    let mut after = tar(&[entry(b"a", b"x", b'0')]);
    after.extend(tar(&[entry(b"hidden", b"x", b'0')]));
    assert_eq!(code(&after, SMALL), "archive_damaged", "a second archive behind the first");

    let other = Zipped { local: Some(b"evil"), ..plain(b"good", b"x") };
    assert_eq!(code(&zip(&[other]), SMALL), "archive_damaged", "another name");
    let sizes = Zipped { told: Some(9), ..plain(b"good", b"x") };
    assert_eq!(code(&zip(&[sizes]), SMALL), "archive_damaged", "another size");
    let encrypted = Zipped { flags: 1, ..plain(b"good", b"x") };
    assert_eq!(code(&zip(&[encrypted]), SMALL), "archive_format");
    let mut content = zip(&[plain(b"good", b"xyz")]);
    content[34] ^= 1;
    assert_eq!(code(&content, SMALL), "archive_damaged", "another content than its sum");
    let inner = zip(&[plain(b"a", b"x")]);
    let mut two = inner.clone();
    two.extend(&inner);
    assert_eq!(code(&two, SMALL), "archive_damaged", "two directories");
}

#[test]
fn what_is_no_digest_has_no_place() {
    let data = Path::new("/data");
    for text in
        ["", "../etc", &"A".repeat(64), &"g".repeat(64), &"a".repeat(63), &format!("{}/", "a".repeat(63))]
    {
        assert_eq!(place(data, text), None, "{text}");
    }
    assert!(place(data, &"a".repeat(64)).is_some());
}

#[test]
fn only_old_archives_that_nobody_needs_are_swept() {
    let data = tempfile::tempdir().unwrap();
    let kept = received(data.path(), &tar(&[entry(b"a", b"1", b'0')]), SMALL).unwrap().digest;
    let old = received(data.path(), &tar(&[entry(b"a", b"2", b'0')]), SMALL).unwrap().digest;
    fs::write(folder(data.path()).join("y.half"), "x").unwrap();
    let needed = std::collections::BTreeSet::from([kept.clone()]);
    let day = std::time::Duration::from_secs(86_400);
    let now = fs::metadata(place(data.path(), &old).unwrap()).unwrap().modified().unwrap();
    assert_eq!(sweep(data.path(), &needed, now, day).unwrap(), 0);
    assert_eq!(sweep(data.path(), &needed, now + day * 2, day).unwrap(), 2);
    assert!(place(data.path(), &kept).unwrap().exists() && !place(data.path(), &old).unwrap().exists());
    assert_eq!(sweep(&data.path().join("none"), &needed, now, day).unwrap(), 0);
}

#[test]
fn a_stream_that_breaks_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let (sender, incoming) = tokio::sync::mpsc::channel(4);
    sender.try_send(Ok(tar(&[entry(b"a", b"1", b'0')])[..700].to_vec().into())).unwrap();
    sender.try_send(Err(io::ErrorKind::ConnectionReset.into())).unwrap();
    assert!(matches!(receive(data.path(), "x", incoming, SMALL), Err(ArchiveError::Io(_))));
    assert_eq!(fs::read_dir(folder(data.path())).unwrap().count(), 0);
}
