//! Tensors of a PyTorch checkpoint, by name.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use pytorch_reader::{DType, PytorchReader};

/// A checkpoint whose index has been read; the numbers still lie in the file.
pub(super) struct Checkpoint(PytorchReader);

impl Checkpoint {
    pub(super) fn open(path: &Path) -> Result<Self> {
        ensure!(path.is_file(), "there is no such file");
        // Its storages lie one after the other to the end of the file: one that is cut off is noticed here.
        PytorchReader::new(path).map(Self).context("it can't be read as a PyTorch checkpoint; perhaps it is cut off")
    }

    /// The numbers of a tensor, its last axis running fastest.
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let tensor = self.0.get(name).with_context(|| format!("it holds no tensor {name}"))?;
        let found = tensor.shape();
        ensure!(found == shape, "its tensor {name} has the shape {found:?} where {shape:?} is needed");
        ensure!(tensor.dtype() == DType::F32, "its tensor {name} holds {:?} where F32 is needed", tensor.dtype());
        let bytes = tensor.read()?;
        // The reader gives the processor's own byte order.
        let values: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_ne_bytes(bytes)).collect();
        ensure!(values.iter().all(|x| x.is_finite()), "its tensor {name} holds a number that is not finite");
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix `w` of `[[1, 2], [3, 4]]` as PyTorch 1.4 saves it, column by column.
    fn small() -> Vec<u8> {
        let head = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
        let system = b"\x80\x02}X\x0d\0\0\0little_endian\x88s.";
        let storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0kX\x03\0\0\0cpuK\x04NtQ";
        let layout = b"K\0(K\x02K\x02t(K\x01K\x02t\x89ccollections\nOrderedDict\n)R";
        let keys = b"\x80\x02]X\x01\0\0\0ka.";
        let tensor = [&b"ctorch._utils\n_rebuild_tensor_v2\n("[..], storage, layout, b"tR"].concat();
        let dictionary = [&b"\x80\x02}X\x01\0\0\0w"[..], &tensor, b"s."].concat();
        let numbers = [1.0_f32, 3.0, 2.0, 4.0].map(f32::to_le_bytes).concat();
        [&head[..], system, &dictionary, keys, &4_u64.to_le_bytes(), &numbers].concat()
    }

    fn open(bytes: &[u8]) -> Result<Checkpoint> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), bytes)?;
        Checkpoint::open(file.path())
    }

    #[test]
    fn numbers_come_in_the_order_of_their_axes() {
        let values = open(&small()).unwrap().values("w", &[2, 2]).unwrap();
        assert_eq!(values, [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn tensors_that_do_not_fit_are_refused_by_name() {
        let checkpoint = open(&small()).unwrap();
        let told = |name, shape: &[usize]| checkpoint.values(name, shape).unwrap_err().to_string();
        assert_eq!(told("v", &[2, 2]), "it holds no tensor v");
        assert_eq!(told("w", &[4]), "its tensor w has the shape [2, 2] where [4] is needed");
        let mut infinite = small();
        let end = infinite.len();
        infinite[end - 4..].copy_from_slice(&f32::INFINITY.to_le_bytes());
        let error = open(&infinite).unwrap().values("w", &[2, 2]).unwrap_err().to_string();
        assert!(error.contains("w holds a number that is not finite"), "{error}");
    }

    #[test]
    fn a_checkpoint_cut_anywhere_is_refused() {
        let whole = small();
        for length in 0..whole.len() {
            let read = open(&whole[..length]).and_then(|checkpoint| checkpoint.values("w", &[2, 2]));
            assert!(read.is_err(), "cut to {length} bytes");
        }
    }
}
