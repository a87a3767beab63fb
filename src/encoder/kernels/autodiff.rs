//! Gradients of the two convolutions, for training.

use burn::backend::{
    Autodiff, Backend, TensorMetadata as _,
    autodiff::{
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind},
    },
    tensor::FloatTensor,
};
use burn::tensor::Shape;

use super::ops::NetworkOps;

impl<B: Backend + NetworkOps, C: CheckpointStrategy> NetworkOps for Autodiff<B, C> {
    fn pointwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        relu6: bool,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let inputs = (x.primitive().clone(), weight.primitive().clone());
        let y = B::pointwise(x.into_primitive(), weight.into_primitive(), bias.into_primitive(), relu6);
        match Pointwise.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let clipped = relu6.then(|| y.clone());
                prep.finish((inputs.0, inputs.1, clipped), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn depthwise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let inputs = (x.primitive().clone(), weight.primitive().clone());
        let y = B::depthwise(x.into_primitive(), weight.into_primitive(), bias.into_primitive(), stride);
        match Depthwise.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((inputs.0, inputs.1, y.clone(), stride), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}

#[derive(Debug)]
struct Pointwise;

impl<B: Backend + NetworkOps> Backward<B, 3> for Pointwise {
    /// Input, weight, and the output if a ReLU6 clipped it.
    type State = (FloatTensor<B>, FloatTensor<B>, Option<FloatTensor<B>>);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [node_x, node_weight, node_bias] = ops.parents;
        let (x, weight, clipped) = ops.state;
        let gradient = gradients.consume::<B>(&ops.node);
        let gradient = match clipped {
            Some(y) => B::relu6_backward(y, gradient),
            None => gradient,
        };
        let shape = x.shape();
        let [inputs, outputs] = weight.shape().dims();
        let rows = shape.num_elements() / inputs;
        let gradient = B::float_reshape(gradient, Shape::new([rows, outputs]));
        if let Some(node) = node_weight {
            let transposed = B::float_transpose(B::float_reshape(x, Shape::new([rows, inputs])));
            gradients.register::<B>(node.id, B::float_matmul(transposed, gradient.clone()));
        }
        if let Some(node) = node_bias {
            let sum = B::float_sum_dim(gradient.clone(), 0);
            gradients.register::<B>(node.id, B::float_reshape(sum, Shape::new([outputs])));
        }
        if let Some(node) = node_x {
            let x = B::float_matmul(gradient, B::float_transpose(weight));
            gradients.register::<B>(node.id, B::float_reshape(x, shape));
        }
    }
}

#[derive(Debug)]
struct Depthwise;

impl<B: Backend + NetworkOps> Backward<B, 3> for Depthwise {
    /// Input, weight, output, stride.
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, usize);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let [node_x, node_weight, node_bias] = ops.parents;
        let (x, weight, y, stride) = ops.state;
        let gradient = B::relu6_backward(y, gradients.consume::<B>(&ops.node));
        let [_, height, width, channels] = x.shape().dims();
        let [kernel, ..] = weight.shape().dims::<3>();
        if let Some(node) = node_weight {
            let weight = B::depthwise_weight_backward(x, gradient.clone(), stride, kernel);
            gradients.register::<B>(node.id, weight);
        }
        if let Some(node) = node_bias {
            let sum = B::float_sum_dims(gradient.clone(), &[0, 1, 2]);
            gradients.register::<B>(node.id, B::float_reshape(sum, Shape::new([channels])));
        }
        if let Some(node) = node_x {
            gradients.register::<B>(node.id, B::depthwise_x_backward(weight, gradient, stride, height, width));
        }
    }
}
