//! The file of a part. A damaged page can send the Parquet reader round in circles, or have it ask for more memory than
//! there are bytes: here it gets no more than the file holds, and that a few times.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

/// How often each byte may be read: once for its page, and for headers of pages that are looked at in advance.
const TIMES: u64 = 4;

pub(super) struct Source {
    file: File,
    length: u64,
    left: Arc<AtomicU64>,
}

impl Source {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length, left: Arc::new(AtomicU64::new(TIMES * length)) })
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Source {
    type T = Counted;

    fn get_read(&self, start: u64) -> Result<Counted> {
        Ok(Counted { reader: self.file.get_read(start)?, left: Arc::clone(&self.left) })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if length as u64 > self.length {
            return Err(ParquetError::EOF(format!("{length} bytes of {}", self.length)));
        }
        spend(&self.left, length)?;
        self.file.get_bytes(start, length)
    }
}

/// A reader that ends in an error once too much has been read.
pub(super) struct Counted {
    reader: BufReader<File>,
    left: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        spend(&self.left, read.max(1))?;
        Ok(read)
    }
}

fn spend(left: &AtomicU64, bytes: usize) -> io::Result<()> {
    let spent = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes as u64));
    spent.map(drop).map_err(|_| io::Error::other("its pages lead round in circles"))
}
