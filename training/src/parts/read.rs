//! Reads a part and checks it: what a part says is somebody else's word until then.

use std::{
    fs::File,
    io::{Cursor, Read, Seek, SeekFrom},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow, ensure};
use lookalike::gallery::Details;
use parquet::{
    column::reader::{ColumnReaderImpl, get_typed_column_reader},
    data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type},
    file::{
        reader::{FileReader as _, RowGroupReader},
        serialized_reader::SerializedFileReader,
        writer::SerializedFileWriter,
    },
};

use super::{Row, Stamp, schema, source::Source, stamp::Pairs};
use crate::commands::Refusal;

/// How far from 1 the length of an embedding may be.
const LENGTH_TOLERANCE: f64 = 1e-3;

/// A part that is whole as far as its end tells.
pub struct Part {
    /// Where it is.
    pub path: PathBuf,
    /// What it says about itself.
    pub stamp: Stamp,
    /// How many of the photos that were asked for could not be read.
    pub skipped: usize,
    content: u64,
    reader: SerializedFileReader<Source>,
}

impl Part {
    /// Opens a part.
    ///
    /// # Errors
    /// A file that is missing, cut off, of another version, or no part.
    pub fn open(path: &Path) -> Result<Self> {
        guarded(path, || {
            let mut file = File::open(path)?;
            ensure!(has_our_columns(&mut file)?, "it has other columns than `lookalike embed` writes, or is damaged");
            let reader = SerializedFileReader::new(Source::new(file)?)
                .map_err(|error| anyhow!("it is cut off or no Parquet ({error}); embed its photos again"))?;
            let about = reader.metadata().file_metadata();
            let pairs = Pairs::new(about.key_value_metadata());
            let stamp = Stamp::read(&pairs)?;
            ensure!(
                about.schema().get_fields() == schema()?.get_fields(),
                "it has other columns than `lookalike embed` writes"
            );
            let (skipped, content) = (pairs.number("skipped")?, pairs.hash("content")?);
            Ok(Self { path: path.to_owned(), stamp, skipped, content, reader })
        })
    }

    /// How many photos it holds.
    pub fn len(&self) -> usize {
        self.reader.metadata().row_groups().iter().map(|group| usize::try_from(group.num_rows()).unwrap_or(0)).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives its rows to `take`, a group at a time.
    ///
    /// # Errors
    /// Damage, numbers that are none, or what `take` says.
    pub fn rows(&self, mut take: impl FnMut(Row) -> Result<()>) -> Result<()> {
        let mut content = 0;
        for at in 0..self.reader.num_row_groups() {
            for row in guarded(&self.path, || self.group(at))? {
                content = row.chain(content);
                guarded(&self.path, || self.check(&row))?;
                take(row)?;
            }
        }
        guarded(&self.path, || {
            ensure!(
                content == self.content,
                "its checksum does not fit its rows: it is damaged; embed its photos again"
            );
            Ok(())
        })
    }

    fn group(&self, at: usize) -> Result<Vec<Row>> {
        let damaged = "it is damaged; embed its photos again";
        let group = self.reader.get_row_group(at).context(damaged)?;
        let group = Group { reader: group.as_ref() };
        let paths = group.texts(0).context(damaged)?;
        let hashes = group.texts(1).context(damaged)?;
        let embeddings = group.lists::<FloatType>(2).context(damaged)?;
        let features = group.lists::<FloatType>(3).context(damaged)?;
        let (widths, heights) = (group.sides(4).context(damaged)?, group.sides(5).context(damaged)?);
        let tags = group.lists::<ByteArrayType>(6).context(damaged)?;
        let counts = [hashes.len(), embeddings.len(), features.len(), widths.len(), heights.len(), tags.len()];
        ensure!(counts.iter().all(|&count| count == paths.len()), "{damaged}");
        let rows = paths.into_iter().zip(hashes).zip(embeddings).zip(features).zip(widths).zip(heights).zip(tags);
        rows.map(|((((((path, hash), embedding), features), width), height), tags)| {
            Ok(Row {
                path,
                hash: hash.parse().context(damaged)?,
                size: [width, height],
                features: features.context(damaged)?,
                embedding,
                tags: tags.context(damaged)?.iter().map(text).collect::<Result<_>>()?,
            })
        })
        .collect()
    }

    fn check(&self, row: &Row) -> Result<()> {
        let Stamp { embedding_width, feature_width, .. } = self.stamp;
        let embedding = row.embedding.as_deref().unwrap_or_default();
        for (name, numbers, width) in
            [("embedding", embedding, embedding_width), ("features", &row.features[..], feature_width)]
        {
            let wrong = |what: String| Err(anyhow!("the {name} of {} {what}; embed its photos again", row.path));
            if numbers.len() != width {
                return wrong(format!("has {} numbers, not {width}", numbers.len()));
            }
            if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
                return wrong(format!("holds {number}, which is no number"));
            }
            if width > 0 && numbers.iter().all(|&number| number == 0.0) {
                return wrong("is all zero".to_owned());
            }
        }
        let said = Details { tags: row.tags.clone(), ..Details::default() };
        said.check().map_err(|reason| anyhow!("{} {reason}", row.path))?;
        let length = embedding.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        ensure!(
            embedding.is_empty() || (length - 1.0).abs() < LENGTH_TOLERANCE,
            "the embedding of {} has the length {length}, not 1; embed its photos again",
            row.path
        );
        Ok(())
    }
}

/// Names the file in whatever goes wrong. A reader that panics at a damaged file costs that file, not the run.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    let read = panic::catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err(anyhow!("it is damaged; embed its photos again")))
        .map_err(|error| Refusal::new(format!("the part {}: {error:#}", path.display())).into())
}

/// Whether the columns in the footer are ours to the byte. Of others nothing is read: the Parquet reader takes as much memory
/// as a number of columns asks for, before it looks whether they are there. What is no Parquet at all it tells itself.
fn has_our_columns(file: &mut (impl Read + Seek)) -> Result<bool> {
    let Some(footer) = footer(file)? else { return Ok(true) };
    let mut empty = Cursor::new(SerializedFileWriter::new(Vec::new(), schema()?, Arc::default())?.into_inner()?);
    let ours = self::footer(&mut empty)?.unwrap_or_default();
    let end = ours.windows(NO_ROWS.len()).position(|window| window == NO_ROWS);
    Ok(footer.starts_with(&ours[..end.context("the columns of a part have no end")?]))
}

/// What follows the columns in the footer of an empty file: no rows, in no groups.
const NO_ROWS: [u8; 4] = [0x16, 0, 0x19, 0x0C];

/// The beginning of a file's footer, in which the columns stand; `None`: it has none.
fn footer(file: &mut (impl Read + Seek)) -> Result<Option<Vec<u8>>> {
    const TAIL: u64 = 8;
    let length = file.seek(SeekFrom::End(0))?;
    if length < TAIL {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(length - TAIL))?;
    let mut tail = [0; TAIL as usize];
    file.read_exact(&mut tail)?;
    let [size @ .., b'P', b'A', b'R', b'1'] = tail else { return Ok(None) };
    let Some(start) = (length - TAIL).checked_sub(u32::from_le_bytes(size).into()) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let mut footer = Vec::new();
    file.take(1 << 12).read_to_end(&mut footer)?;
    Ok(Some(footer))
}

/// A group of rows, column by column.
struct Group<'a> {
    reader: &'a dyn RowGroupReader,
}

impl Group<'_> {
    fn column<T: DataType>(&self, at: usize) -> Result<ColumnReaderImpl<T>> {
        Ok(get_typed_column_reader(self.reader.get_column_reader(at)?))
    }

    fn flat<T: DataType>(&self, at: usize) -> Result<Vec<T::T>> {
        let mut values = Vec::new();
        self.column::<T>(at)?.read_records(usize::MAX, None, None, &mut values)?;
        Ok(values)
    }

    fn texts(&self, at: usize) -> Result<Vec<String>> {
        self.flat::<ByteArrayType>(at)?.iter().map(text).collect()
    }

    fn sides(&self, at: usize) -> Result<Vec<u32>> {
        self.flat::<Int32Type>(at)?.into_iter().map(|side| Ok(u32::try_from(side)?)).collect()
    }

    /// Lists; none where a list is missing.
    fn lists<T: DataType>(&self, at: usize) -> Result<Vec<Option<Vec<T::T>>>> {
        let mut column = self.column::<T>(at)?;
        let present = self.reader.metadata().column(at).column_descr().max_def_level() - 1;
        let (mut defined, mut repeated, mut values) = (Vec::new(), Vec::new(), Vec::new());
        column.read_records(usize::MAX, Some(&mut defined), Some(&mut repeated), &mut values)?;
        let mut values = values.into_iter();
        let mut lists: Vec<Option<Vec<T::T>>> = Vec::new();
        for (defined, repeated) in defined.into_iter().zip(repeated) {
            if repeated == 0 {
                lists.push((defined >= present).then(Vec::new));
            }
            if defined > present {
                let list = lists.last_mut().and_then(Option::as_mut).context("a list has no beginning")?;
                list.push(values.next().context("a list has no end")?);
            }
        }
        Ok(lists)
    }
}

fn text(bytes: &ByteArray) -> Result<String> {
    Ok(bytes.as_utf8()?.to_owned())
}
