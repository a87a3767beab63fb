//! What the encoder is, what it costs, and how it was trained.

use lookalike::encoder::Architecture;

use super::{
    About,
    page::{self, count, figure},
};
use crate::{
    chart::{Axis, Chart, Drawn, Table},
    choice::Choice,
    cost,
    html::escaped,
    train::EpochLoss,
};

const AUTOENCODER: &str = "It is a <strong>convolutional autoencoder</strong> (Hinton &amp; Salakhutdinov 2006). An encoder squeezes each \
photo into few numbers, a decoder draws it again from them, and both learn from the difference alone: nobody had to say what the \
photos show. What it learns to keep is therefore what helps to redraw pixels, colour and layout before anything else.";

const PRETRAINED: &str = "It is a network of <strong>inverted residuals</strong> (Sandler et al. 2018), the trunk of \
EfficientNet-Lite0 (Tan &amp; Le 2019). That was trained on the 1.3 million labelled photos of ImageNet to tell 1,000 kinds of things \
apart; without its last layer, the features before the answer remain, and photos of the same kind of thing have similar features. \
That is <em>transfer learning</em>: it knows much, but it knows it from ImageNet.";

const ROUNDED: &str = "To be small enough for a page, its weights were rounded to eight bits. What rounding one weight changes is made \
up for by the weights yet to be rounded (GPTQ, Frantar et al. 2022), and the bytes are spent where the features need them most.";

const ADAPTED: &str = "This one comes from a model's folder: training may have moved its biases, without labels, by having it agree \
with its teacher on other photos.";

const FITTED: &str = "Its last step was fitted to this very collection: of all directions in the space of features it keeps those in \
which these photos differ most, compared with their nearest neighbours.";

const NO_HISTORY: &str = "No losses of its training came with it, so there is no curve to show.";

/// The section.
pub(super) fn section(about: &About<'_>) -> String {
    let encoder = about.collection.encoder;
    let config = &encoder.config;
    let side = u64::from(config.preprocess.side);
    let crop = config.preprocess.crop;
    let seen =
        if crop < 1.0 { format!(", the middle {:.1} % of the shorter side", 100.0 * crop) } else { String::new() };
    let [channels, height, width] = config.latent_shape();
    let rows = [
        ("Name", figure("encoder", escaped(&encoder.name), escaped(&encoder.name))),
        ("Input", format!("{} × {side} pixels{seen}", count("side", side))),
        ("Latent", format!("{channels} maps of {width} × {height}")),
        ("Parameters", count("parameters", cost::parameters(&encoder.tensors))),
        ("Multiply-adds a photo", count("multiply-adds", cost::encoding(config))),
        ("Embedding", format!("{} numbers, at unit length", count("width", about.entry.width))),
        ("Download", format!("{} bytes", count("bytes", about.entry.encoder.bytes))),
    ];
    let rows: String =
        rows.iter().map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n")).collect();
    let words: String = words(about).iter().map(|paragraph| format!("<p>{paragraph}</p>\n")).collect();
    let curve = if about.history.is_empty() { format!("<p>{NO_HISTORY}</p>\n") } else { curve(about) };
    let body = format!(
        "<div class=\"pair\"><div class=\"prose\">\n{words}</div>\n<dl class=\"values\">\n{rows}</dl></div>\n{curve}"
    );
    page::section("encoder", "The encoder: a photo becomes a point", &body)
}

fn words(about: &About<'_>) -> Vec<&'static str> {
    match (&about.collection.encoder.config.architecture, about.model) {
        (Architecture::ConvPool { .. }, _) => vec![AUTOENCODER],
        (Architecture::InvertedResidual { .. }, Choice::Default) => vec![PRETRAINED, ROUNDED, FITTED],
        (Architecture::InvertedResidual { .. }, Choice::Folder(_)) => vec![PRETRAINED, ADAPTED, FITTED],
        (Architecture::InvertedResidual { .. }, _) => vec![PRETRAINED, FITTED],
    }
}

/// The losses of the training, where they are known.
fn curve(about: &About<'_>) -> String {
    let history = about.history;
    let of = |loss: fn(&EpochLoss) -> f64| history.iter().map(|e| [e.epoch as f64, loss(e)]).collect::<Vec<_>>();
    let (training, validation) = (of(|e| e.training), of(|e| e.validation));
    let best = history.iter().min_by(|a, b| a.validation.total_cmp(&b.validation));
    let best = best.map_or(String::new(), |e| {
        let (epoch, loss) =
            (count("best-epoch", e.epoch as u64), figure("best-loss", e.validation, format!("{:.4}", e.validation)));
        format!("The best epoch was {epoch}, with {loss} on the photos held back.")
    });
    let chart = Chart {
        id: "loss",
        title: "Loss of each epoch",
        description: format!(
            "Two lines over {} epochs: the loss on the training photos, and dashed, on photos held back.",
            history.len()
        ),
        x: Axis { label: "epoch", low: 1.0, high: history.len().max(2) as f64 },
        y: Axis::around("loss", training.iter().chain(&validation).map(|point| point[1]), None),
        drawn: vec![
            Drawn::Line("first", training.clone()),
            Drawn::Dots(training),
            Drawn::Line("second", validation.clone()),
            Drawn::Dots(validation),
        ],
        table: Table {
            headings: vec!["Epoch", "Training", "Held back"],
            rows: history
                .iter()
                .map(|e| vec![e.epoch.to_string(), format!("{:.5}", e.training), format!("{:.5}", e.validation)])
                .collect(),
        },
    };
    let (what, figure) = (what_is_lost(about), chart.figure());
    format!(
        "<div class=\"pair\">{figure}<div class=\"prose\">\n<h3>How it was trained</h3>\n<p>{what}</p>\n<p>The solid line is the \
         loss on the photos it learnt from, the dashed one on photos that were held back: where the dashed line rises while the \
         solid one falls, a network learns its photos by heart, and training stops. {best}</p>\n</div></div>\n"
    )
}

fn what_is_lost(about: &About<'_>) -> &'static str {
    match (&about.collection.encoder.config.architecture, about.model) {
        (Architecture::ConvPool { .. }, _) => {
            "The loss is the mean squared difference between a photo's pixels, from 0 to 1, and their reconstruction. An epoch is one \
             pass over the photos, each a little shifted, mirrored and lit otherwise every time."
        }
        (_, Choice::Default) => {
            "The encoder's weights came from its teacher. The curve is that of its decoder, which learnt from 21,500 photos of others, \
             none of them from here: the loss is the mean squared difference between a pixel, from 0 to 1, and what was drawn."
        }
        _ => {
            "The curve is that of the training which left this model's decoder; depending on how it was run, the loss counts the \
             disagreement with a teacher, the error of the reconstruction, or both."
        }
    }
}
