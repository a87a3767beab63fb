//! Writes a part, in bounded memory, out of sight until it is whole.

use std::{
    io::Write as _,
    mem,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use parquet::{
    basic::Encoding,
    data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int32Type},
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
};
use tempfile::NamedTempFile;

use super::{Row, Stamp, hex, schema, stamp::pair};
use crate::output;

/// Rows a group: some 20 MB of features.
const GROUP: usize = 4096;

/// A part that is being written.
pub struct PartWriter {
    /// Where it is to be.
    path: PathBuf,
    writer: SerializedFileWriter<NamedTempFile>,
    waiting: Vec<Row>,
    /// Over the rows so far.
    content: u64,
}

impl PartWriter {
    /// Starts a part that is to be at `path`; its folder is made.
    ///
    /// # Errors
    /// A place that can't be written.
    pub fn begin(path: &Path, stamp: &Stamp) -> Result<Self> {
        let file = output::hidden_beside(path)?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("lookalike ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_encoding(Encoding::PLAIN)
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_key_value_metadata(Some(stamp.write()?))
            .build();
        let writer = SerializedFileWriter::new(file, schema()?, Arc::new(properties));
        let writer = writer.with_context(|| output::unwritable(path))?;
        Ok(Self { path: path.to_owned(), writer, waiting: Vec::new(), content: 0 })
    }

    /// Adds photos.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn add(&mut self, rows: impl IntoIterator<Item = Row>) -> Result<()> {
        for row in rows {
            self.content = row.chain(self.content);
            self.waiting.push(row);
            if self.waiting.len() == GROUP {
                self.write_group()?;
            }
        }
        Ok(())
    }

    /// Puts the part in its place.
    ///
    /// # Errors
    /// A disk that is full; what was there before is then untouched.
    pub fn finish(mut self, path: &Path, skipped: usize) -> Result<()> {
        self.write_group()?;
        self.writer.append_key_value_metadata(pair("skipped", skipped.to_string()));
        self.writer.append_key_value_metadata(pair("content", hex(self.content)));
        let mut file = self.writer.into_inner().with_context(|| output::unwritable(path))?;
        let place = |file: &mut NamedTempFile| -> std::io::Result<()> {
            file.flush()?;
            file.as_file().sync_all()
        };
        place(&mut file).with_context(|| output::unwritable(path))?;
        file.persist(path).map_err(|error| error.error).with_context(|| output::unwritable(path))?;
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let rows = mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        self.write_rows(&rows).with_context(|| output::unwritable(&self.path))
    }

    fn write_rows(&mut self, rows: &[Row]) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        column::<ByteArrayType>(&mut group, &Levels::flat(rows.iter().map(|row| row.path.as_str().into())))?;
        column::<ByteArrayType>(
            &mut group,
            &Levels::flat(rows.iter().map(|row| row.hash.to_string().as_str().into())),
        )?;
        column::<FloatType>(&mut group, &Levels::lists(rows.iter().map(|row| row.embedding.as_deref()), true))?;
        column::<FloatType>(&mut group, &Levels::lists(rows.iter().map(|row| Some(&row.features[..])), false))?;
        for side in 0..2 {
            let sides = rows.iter().map(|row| i32::try_from(row.size[side])).collect::<Result<Vec<_>, _>>()?;
            column::<Int32Type>(&mut group, &Levels::flat(sides.into_iter()))?;
        }
        let tags: Vec<Vec<ByteArray>> =
            rows.iter().map(|row| row.tags.iter().map(|tag| tag.as_str().into()).collect()).collect();
        column::<ByteArrayType>(&mut group, &Levels::lists(tags.iter().map(|tags| Some(&tags[..])), false))?;
        group.close()?;
        Ok(())
    }
}

/// A column as Parquet wants it: values, and to which row and list each belongs (Melnik et al., "Dremel", 2010).
struct Levels<T> {
    values: Vec<T>,
    /// How much of the value's path is there.
    defined: Option<Vec<i16>>,
    /// 0 where a row begins.
    repeated: Option<Vec<i16>>,
}

impl<T: Clone> Levels<T> {
    fn flat(values: impl Iterator<Item = T>) -> Self {
        Self { values: values.collect(), defined: None, repeated: None }
    }

    /// Lists, which may be missing if they are `optional`.
    fn lists<'a>(rows: impl Iterator<Item = Option<&'a [T]>>, optional: bool) -> Self
    where
        T: 'a,
    {
        let present = i16::from(optional);
        let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let list = row.unwrap_or_default();
            values.extend_from_slice(list);
            repeated.push(0);
            repeated.extend((1..list.len()).map(|_| 1));
            match (row, list.is_empty()) {
                (None, _) => defined.push(0),
                (Some(_), true) => defined.push(present),
                (Some(_), false) => defined.extend(list.iter().map(|_| present + 1)),
            }
        }
        Self { values, defined: Some(defined), repeated: Some(repeated) }
    }
}

fn column<T: DataType>(group: &mut SerializedRowGroupWriter<'_, NamedTempFile>, levels: &Levels<T::T>) -> Result<()> {
    let mut column = group.next_column()?.context("a part has too few columns")?;
    let written =
        column.typed::<T>().write_batch(&levels.values, levels.defined.as_deref(), levels.repeated.as_deref())?;
    ensure!(written == levels.values.len(), "a part's column can't be written");
    Ok(column.close()?)
}
