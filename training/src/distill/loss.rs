//! How far a student's features are from its teacher's.

use burn::tensor::Tensor;

/// Weight of the pairwise cosines.
const RELATIONS: f32 = 4.0;

/// Weight of the features' scale.
const SCALE: f32 = 0.02;

/// The disagreement of two lists of features, a single number that is 0 when they are the same.
///
/// # Shapes
/// - both: `[batch, features]`
pub(super) fn agreement(student: Tensor<2>, teacher: Tensor<2>) -> Tensor<1> {
    // Cosines say more about features around their mean; the teacher's stands for both.
    let mean = match teacher.dims() {
        // A photo alone is not centred: nothing of it would be left.
        [0 | 1, features] => Tensor::zeros([1, features], &teacher.device()),
        _ => teacher.clone().mean_dim(0),
    };
    let size = teacher.clone().square().mean();
    let (student, teacher) = (student - mean.clone(), teacher - mean);
    // Photos that look alike are hardly spread: their size bounds what a difference counts.
    let spread = teacher.clone().square().mean() + size * 0.01 + 1e-6;
    let scale = (student.clone() - teacher.clone()).square().mean() / spread;
    let (student, teacher) = (unit(student), unit(teacher));
    let cosines = (student.clone() * teacher.clone()).sum_dim(1).mean();
    let relations =
        (student.clone().matmul(student.transpose()) - teacher.clone().matmul(teacher.transpose())).square();
    -cosines + 1.0 + relations.mean() * RELATIONS + scale * SCALE
}

/// Rows of unit length; a row of zeros stays one.
fn unit(rows: Tensor<2>) -> Tensor<2> {
    let lengths = (rows.clone().square().sum_dim(1) + 1e-12).sqrt();
    rows / lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn rows(values: [[f32; 3]; 3]) -> Tensor<2> {
        Tensor::from_data(values, &Device::flex())
    }

    #[test]
    fn the_same_features_agree_and_others_do_not() {
        let teacher = [[1.0, 0.0, 2.0], [0.5, 3.0, 1.0], [2.0, 1.0, 0.0]];
        let other = [[0.5, 3.0, 1.0], [1.0, 0.0, 2.0], [2.0, 1.0, 0.0]];
        let same = agreement(rows(teacher), rows(teacher)).into_scalar::<f32>();
        let swapped = agreement(rows(other), rows(teacher)).into_scalar::<f32>();
        assert!(same.abs() < 1e-3, "{same}");
        assert!(swapped > 0.5, "{swapped}");
    }

    #[test]
    fn photos_that_are_all_the_same_and_single_ones_are_judged_with_measure() {
        let teacher = rows([[1.0, 2.0, 3.0]; 3]);
        for photos in [1, 3] {
            let loss = |student: Tensor<2>| {
                let [student, teacher] = [student, teacher.clone()].map(|rows| rows.slice([0..photos, 0..3]));
                agreement(student, teacher).into_scalar::<f32>()
            };
            assert!(loss(teacher.clone()) < 1.5);
            assert!((0.5..20.0).contains(&loss(teacher.clone() * -1.0)), "{}", loss(teacher.clone() * -1.0));
        }
    }
}
