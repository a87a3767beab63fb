//! A file of values, each found by its name. It only grows at its end: a run that is killed keeps what it has written.
//!
//! ```text
//! 0   8  "LKACACHE"
//! 8   4  version
//! 12  8  key: what the values were made with
//! 20  …  records
//!
//! a record
//! 0   16  name
//! 16  4   length of the value
//! 20  8   XXH3-64 of the value
//! 28  8   XXH3-64 of the 28 bytes before
//! 36  …   value
//! ```
//!
//! All numbers are little endian.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use lookalike::gallery::container::hash;

const MAGIC: &[u8; 8] = b"LKACACHE";
const VERSION: u32 = 3;
const HEADER: u64 = 20;
const HEAD: usize = 36;

/// Longer values are not read, whatever a damaged file claims.
const MAX_VALUE: u32 = 64 << 20;

/// Where a value lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: u64,
    length: u32,
    hash: u64,
}

/// The file, and where its values lie: some hundred bytes of memory each.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    places: BTreeMap<u128, Place>,
    end: u64,
}

impl Log {
    /// Opens a file, or starts one. What can't be used is made anew, and the reason comes with it.
    pub(super) fn open(path: &Path, key: u64) -> io::Result<(Self, Option<String>)> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let length = file.metadata()?.len();
        let mut log = Self { file, places: BTreeMap::new(), end: HEADER };
        if length == 0 {
            log.start(key)?;
            return Ok((log, None));
        }
        let mut header = Vec::new();
        (&log.file).take(HEADER).read_to_end(&mut header)?;
        if let Some(reason) = unusable(&header, key) {
            log.start(key)?;
            return Ok((log, Some(reason.to_owned())));
        }
        log.scan(length)?;
        let whole = log.end == length;
        if !whole {
            log.file.set_len(log.end)?;
        }
        let reason = || format!("is cut off or damaged behind {} photos; the others are read anew", log.places.len());
        let reason = (!whole).then(reason);
        Ok((log, reason))
    }

    /// A file that is gone as soon as nobody has it open.
    pub(super) fn temporary(beside: &Path, key: u64) -> io::Result<Self> {
        let mut log = Self { file: tempfile::tempfile_in(beside)?, places: BTreeMap::new(), end: HEADER };
        log.start(key)?;
        Ok(log)
    }

    fn start(&mut self, key: u64) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header(key))
    }

    /// Finds the records, as far as they are whole; values are checked when they are read.
    fn scan(&mut self, length: u64) -> io::Result<()> {
        let mut reader = BufReader::new(&self.file);
        reader.seek(SeekFrom::Start(HEADER))?;
        let mut head = [0; HEAD];
        while self.end + HEAD as u64 <= length {
            reader.read_exact(&mut head)?;
            let Some((name, place)) = parse(&head, self.end + HEAD as u64) else { break };
            let end = place.at + u64::from(place.length);
            if end > length {
                break;
            }
            reader.seek_relative(place.length.into())?;
            self.places.insert(name, place);
            self.end = end;
        }
        Ok(())
    }

    /// A value, and none if it is not there or no longer what was written.
    pub(super) fn get(&mut self, name: u128) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.places.get(&name) else { return Ok(None) };
        let mut value = vec![0; place.length as usize];
        self.file.seek(SeekFrom::Start(place.at))?;
        self.file.read_exact(&mut value)?;
        Ok((hash(&value) == place.hash).then_some(value))
    }

    /// Forgets a value, so that it can be written anew.
    pub(super) fn forget(&mut self, name: u128) -> bool {
        self.places.remove(&name).is_some()
    }

    /// Appends a value, unless it is there.
    pub(super) fn put(&mut self, name: u128, value: &[u8]) -> io::Result<()> {
        if self.places.contains_key(&name) {
            return Ok(());
        }
        let length = u32::try_from(value.len()).ok().filter(|&length| length <= MAX_VALUE);
        let length = length.ok_or_else(|| io::Error::other("a value is too long"))?;
        let place = Place { at: self.end + HEAD as u64, length, hash: hash(value) };
        self.file.seek(SeekFrom::Start(self.end))?;
        // In one piece: a run that is killed leaves all of it or a head that says too much, seldom anything else.
        self.file.write_all(&[head(name, place).as_slice(), value].concat())?;
        self.places.insert(name, place);
        self.end = place.at + u64::from(length);
        Ok(())
    }

    /// Writes the file anew without values that are no longer used, once they are a quarter of it.
    pub(super) fn prune(&mut self, path: &Path, key: u64, used: &BTreeSet<u128>) -> io::Result<()> {
        let mut kept: Vec<_> = self.places.iter().filter(|(name, _)| used.contains(name)).collect();
        let bytes: u64 = kept.iter().map(|(_, place)| HEAD as u64 + u64::from(place.length)).sum();
        if self.end - HEADER - bytes <= bytes / 4 {
            return Ok(());
        }
        kept.sort_by_key(|(_, place)| place.at);
        let partial = partial(path);
        let mut out = BufWriter::new(File::create(&partial)?);
        out.write_all(&header(key))?;
        for (&name, &place) in kept {
            out.write_all(&head(name, place))?;
            self.file.seek(SeekFrom::Start(place.at))?;
            io::copy(&mut (&self.file).take(place.length.into()), &mut out)?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&partial, path)
    }
}

/// What [`Log::prune`] writes before it is whole.
pub(super) fn partial(path: &Path) -> PathBuf {
    path.with_extension("partial")
}

fn header(key: u64) -> Vec<u8> {
    [MAGIC.as_slice(), &VERSION.to_le_bytes(), &key.to_le_bytes()].concat()
}

fn unusable(header: &[u8], key: u64) -> Option<&'static str> {
    let version = header.get(8..12).and_then(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?)));
    match version {
        Some(VERSION) if header == self::header(key) => None,
        Some(version) if header.starts_with(MAGIC) && version != VERSION => {
            Some("is of another version of lookalike; it is made anew")
        }
        Some(_) if header.starts_with(MAGIC) && header.len() == HEADER as usize => {
            Some("holds what another encoder or other options gave; it is made anew")
        }
        _ => Some("is damaged; it is made anew"),
    }
}

fn head(name: u128, place: Place) -> Vec<u8> {
    let mut head = [&name.to_le_bytes()[..], &place.length.to_le_bytes(), &place.hash.to_le_bytes()].concat();
    head.extend(hash(&head).to_le_bytes());
    head
}

fn parse(head: &[u8; HEAD], at: u64) -> Option<(u128, Place)> {
    let name = u128::from_le_bytes(head[..16].try_into().ok()?);
    let length = u32::from_le_bytes(head[16..20].try_into().ok()?);
    let sum = u64::from_le_bytes(head[20..28].try_into().ok()?);
    let own = u64::from_le_bytes(head[28..].try_into().ok()?);
    (own == hash(&head[..28]) && length <= MAX_VALUE).then_some((name, Place { at, length, hash: sum }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &Path) {
        let (mut log, reason) = Log::open(path, 7).unwrap();
        assert_eq!(reason, None);
        for name in 0..4_u8 {
            log.put(name.into(), &[name; 100]).unwrap();
        }
    }

    #[test]
    fn values_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        filled(&path);
        let (mut log, reason) = Log::open(&path, 7).unwrap();
        assert_eq!((reason, log.get(9).unwrap()), (None, None));
        assert_eq!(log.get(2).unwrap(), Some(vec![2; 100]));
        log.put(9, b"more").unwrap();
        assert_eq!((log.get(9).unwrap().unwrap().as_slice(), log.get(3).unwrap()), (&b"more"[..], Some(vec![3; 100])));
    }

    #[test]
    fn every_cut_leaves_the_records_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        filled(&path);
        let whole = fs::read(&path).unwrap();
        for end in 1..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            let (mut log, reason) = Log::open(&path, 7).unwrap();
            let left = end.saturating_sub(HEADER as usize) / 136;
            assert_eq!(log.places.len(), left, "cut at {end}");
            assert_eq!(reason.is_none(), end >= 20 && (end - 20) % 136 == 0, "cut at {end}: {reason:?}");
            log.put(3, b"again").unwrap();
            assert!(Log::open(&path, 7).unwrap().1.is_none(), "what was cut off is gone");
        }
    }

    #[test]
    fn a_changed_byte_costs_its_record_or_what_follows_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        filled(&path);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(3) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, bytes).unwrap();
            let (mut log, reason) = Log::open(&path, 7).unwrap();
            let right = (0..4_u8).filter(|&name| log.get(name.into()).unwrap() == Some(vec![name; 100])).count();
            assert!(right < 4 && (reason.is_some() || right == 3), "byte {at}: {right} of 4, {reason:?}");
        }
    }

    #[test]
    fn another_version_and_another_key_start_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        filled(&path);
        let (log, reason) = Log::open(&path, 8).unwrap();
        assert!(log.places.is_empty() && reason.unwrap().contains("another encoder"));
        filled(&folder.path().join("old"));
        let mut old = fs::read(folder.path().join("old")).unwrap();
        old[8] = 99;
        fs::write(&path, old).unwrap();
        let (log, reason) = Log::open(&path, 7).unwrap();
        assert!(log.places.is_empty() && reason.unwrap().contains("another version"));
    }

    #[test]
    fn what_is_not_used_is_pruned_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        filled(&path);
        let (mut log, _) = Log::open(&path, 7).unwrap();
        log.prune(&path, 7, &BTreeSet::from([1, 3])).unwrap();
        let (mut log, reason) = Log::open(&path, 7).unwrap();
        assert_eq!((log.places.len(), reason, log.get(3).unwrap()), (2, None, Some(vec![3; 100])));
        assert!(!partial(&path).exists());
    }
}
