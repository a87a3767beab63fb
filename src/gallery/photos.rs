//! Something of each photo of a gallery, as far as its cells are there.

use std::{ops::Index, sync::Arc};

/// Photos are numbered through all cells of their gallery; where a cell is not there, neither are its numbers.
///
/// A clone costs a pointer a cell: who holds one keeps what it had when more cells come.
#[derive(Debug, Clone)]
pub struct Photos<T> {
    /// The number of each cell's first photo, and how many there are in all.
    starts: Arc<[u32]>,
    cells: Vec<Option<Arc<[T]>>>,
    there: usize,
}

impl<T> Photos<T> {
    /// None yet, of cells of these sizes.
    pub fn none(sizes: impl Iterator<Item = u32>) -> Self {
        let ends = sizes.scan(0_u32, |end, size| {
            *end = end.saturating_add(size);
            Some(*end)
        });
        let starts: Arc<[u32]> = [0].into_iter().chain(ends).collect();
        Self { cells: starts.iter().skip(1).map(|_| None).collect(), starts, there: 0 }
    }

    /// A cell has come; what has another number of photos than promised does not fit and is left out.
    pub fn put(&mut self, place: u32, photos: Vec<T>) {
        let at = place as usize;
        let fits = self.starts.get(at + 1).is_some_and(|end| (end - self.starts[at]) as usize == photos.len());
        if fits && self.cells[at].is_none() {
            self.there += photos.len();
            self.cells[at] = Some(photos.into());
        }
    }

    /// That of a photo, if it is there.
    pub fn get(&self, id: u32) -> Option<&T> {
        let cell = self.cell_of(id)? as usize;
        self.cells[cell].as_ref()?.get((id - self.starts[cell]) as usize)
    }

    /// The cell that holds a photo, whether that is there or not.
    pub fn cell_of(&self, id: u32) -> Option<u32> {
        let cells_before = self.starts.partition_point(|&start| start <= id);
        (cells_before <= self.cells.len()).then(|| cells_before.saturating_sub(1) as u32)
    }

    /// The first number from this on that is there.
    pub fn next(&self, id: u32) -> Option<u32> {
        let cell = self.cell_of(id)?;
        if self.get(id).is_some() {
            return Some(id);
        }
        let later = self.cells.iter().zip(&*self.starts).skip(cell as usize + 1);
        later.filter(|(cell, _)| cell.as_ref().is_some_and(|cell| !cell.is_empty())).map(|(_, &start)| start).next()
    }

    /// How many there are with those that are not there.
    pub fn of(&self) -> u32 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// Those that are there, with their numbers, in ascending order.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &T)> {
        let cells = self.starts.iter().zip(&self.cells);
        cells
            .filter_map(|(&start, cell)| Some((start, cell.as_ref()?)))
            .flat_map(|(start, cell)| (start..).zip(&**cell))
    }

    /// Those that are there.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.numbered().map(|(_, photo)| photo)
    }

    /// How many are there.
    pub fn len(&self) -> usize {
        self.there
    }

    /// Whether none is there.
    pub fn is_empty(&self) -> bool {
        self.there == 0
    }

    /// Whether a cell is there.
    pub fn has(&self, place: u32) -> bool {
        self.cells.get(place as usize).is_some_and(Option::is_some)
    }

    /// The number of a cell's first photo, whether that is there or not.
    pub fn first(&self, cell: u32) -> u32 {
        self.starts.get(cell as usize).copied().unwrap_or_default()
    }

    /// The cells that are not there.
    pub fn missing(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.cells).filter(|(_, cell)| cell.is_none()).map(|(place, _)| place)
    }

    /// Whether all are there.
    pub fn is_whole(&self) -> bool {
        self.cells.iter().all(Option::is_some)
    }
}

impl<T> From<Vec<T>> for Photos<T> {
    /// All photos, in one cell.
    fn from(photos: Vec<T>) -> Self {
        let mut all = Self::none([photos.len() as u32].into_iter());
        all.put(0, photos);
        all
    }
}

/// For who knows that a photo is there.
impl<T> Index<usize> for Photos<T> {
    type Output = T;

    fn index(&self, id: usize) -> &T {
        match self.get(id as u32) {
            Some(photo) => photo,
            None => panic!("photo {id} is not there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Photos<char> {
        let mut photos = Photos::none([2, 0, 3, 1].into_iter());
        photos.put(2, vec!['c', 'd', 'e']);
        photos
    }

    #[test]
    fn numbers_go_through_all_cells_those_that_are_not_there_too() {
        let mut photos = some();
        assert_eq!(photos.numbered().collect::<Vec<_>>(), [(2, &'c'), (3, &'d'), (4, &'e')]);
        assert_eq!([1, 2, 4, 5, 6].map(|id| photos.get(id).copied()), [None, Some('c'), Some('e'), None, None]);
        assert_eq!(
            [0, 1, 2, 4, 5, 6].map(|id| photos.cell_of(id)),
            [Some(0), Some(0), Some(2), Some(2), Some(3), None]
        );
        assert_eq!([0, 1, 2, 3].map(|cell| photos.first(cell)), [0, 2, 2, 5]);
        assert_eq!([0, 3, 5, 6].map(|id| photos.next(id)), [Some(2), Some(3), None, None]);
        assert_eq!((photos.len(), photos.of()), (3, 6));
        assert_eq!((photos.len(), photos.missing().collect::<Vec<_>>()), (3, vec![0, 1, 3]));
        photos.put(0, vec!['a', 'b']);
        photos.put(1, Vec::new());
        assert!(!photos.is_whole() && photos.has(1) && !photos.has(3) && !photos.has(9));
        photos.put(3, vec!['f']);
        assert!(photos.is_whole());
        assert_eq!(photos.iter().collect::<String>(), "abcdef");
        assert_eq!(photos[5], 'f');
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut photos = some();
        photos.put(0, vec!['a']);
        photos.put(7, vec!['a']);
        photos.put(2, vec!['x', 'y', 'z']);
        assert_eq!(photos.iter().collect::<String>(), "cde");
    }

    #[test]
    fn who_holds_a_clone_keeps_what_it_had() {
        let before = some();
        let mut after = before.clone();
        after.put(3, vec!['f']);
        assert_eq!((before.len(), after.len()), (3, 4));
    }

    #[test]
    fn a_list_is_one_whole_cell() {
        let photos = Photos::from(vec![1, 2]);
        assert!(photos.is_whole() && photos.len() == 2 && !photos.is_empty());
        assert!(Photos::from(Vec::<u8>::new()).is_empty());
    }
}
