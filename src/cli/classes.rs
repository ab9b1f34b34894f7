//! Options of `relabel` and `balance`, and of colors that go with the class.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::recipe::balance::{self, Head, Order, To};
use crate::recipe::noise::{self, Law, Share};
use crate::recipe::tint::{Assign, On, Palette};

use super::common::whole;
use super::{InputArgs, OutputArgs, choice};

/// `relabel`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("noise-of").args(["noise", "noise_matrix"]), after_long_help = "Examples:
  mnistaug relabel --input data/mnist --noise symmetric:0.2
  mnistaug relabel --input data/mnist --split all --only train --noise pair-flip:0.45 --seed 1
  mnistaug relabel --noise symmetric:0.5 --draw numpy                the labels of Co-teaching
  mnistaug relabel --noise-matrix rows.csv --draw exact

Right labels are kept: as truth_clean_label in shards, and beside the files of other formats. `mnistaug info` shows which became which. \
To give classes other ids, every command has --map and --offset-labels.

Kinds of noise, each with the share of labels that it is for:
  symmetric   one of the other classes
  inclusive   one of all classes, so that some labels stay right
  pair-flip   the next class
  asymmetric  digits that look alike: 2 becomes 7, 3 becomes 8, 5 and 6 each other, 7 becomes 1
  matrix      rows between semicolons: matrix:0.9,0.1;0.2,0.8")]
pub struct RelabelArgs {
    /// Kind of noise, and the share of labels that it is for
    #[arg(long, value_name = "KIND:SHARE", required_unless_present = "noise_matrix")]
    pub noise: Option<Law>,

    /// File with a line for each class: the share of each class that takes its place
    #[arg(long, value_name = "FILE")]
    pub noise_matrix: Option<PathBuf>,

    /// How labels are drawn
    #[arg(long, value_parser = choice::<noise::Draw>(), default_value = "each")]
    pub draw: noise::Draw,

    /// The only split with noise [default: all that are read]
    #[arg(long, value_name = "SPLIT")]
    pub only: Option<String>,

    /// Random seed, an integer of 0 or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `balance`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug balance --input data/mnist                                as many of each class as of the smallest
  mnistaug balance --input data/mnist --to 20                        few-shot: 20 of each class
  mnistaug balance --input data/mnist --to most --repeat             smaller classes are repeated
  mnistaug balance --input data/mnist --to long-tail:0.01 --head 5000 --order class --draw numpy
  mnistaug balance --input data/mnist --split all --only train --to step:0.1

long-tail:SHARE gives class i of C int(N * SHARE^(i/(C-1))) samples, step:SHARE the first half of the classes N and the others int(N * SHARE); \
N is --head, or as many as the smallest class has. Repeated samples become different images where a pipeline follows, because each sample \
draws its own numbers.")]
pub struct BalanceArgs {
    /// Samples of each class: N, least, most, long-tail:SHARE or step:SHARE
    #[arg(long, value_name = "HOW", default_value = "least")]
    pub to: To,

    /// Samples of the first class, for long-tail and step [default: as many as the smallest class has]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(Head::RANGE), allow_negative_numbers = true)]
    pub head: Option<u64>,

    /// Let samples stand there several times where a class has too few
    #[arg(long)]
    pub repeat: bool,

    /// In which order samples stand
    #[arg(long, value_parser = choice::<Order>(), default_value = "file")]
    pub order: Order,

    /// How samples are drawn
    #[arg(long, value_parser = choice::<balance::Draw>(), default_value = "own")]
    pub draw: balance::Draw,

    /// The only split that is balanced [default: all that are read]
    #[arg(long, value_name = "SPLIT")]
    pub only: Option<String>,

    /// Random seed, an integer of 0 or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Options of `colorize` for colors that go with the class.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Colors by class")]
pub struct ByClassArgs {
    /// Color digits by their class: lff, rebias, lnl, or #rrggbb,#rrggbb,...
    ///
    /// One image each, without backgrounds; the number of its color is kept as truth_color.
    #[arg(long, value_name = "PALETTE", conflicts_with_all = ["backgrounds", "style", "fit", "per_image", "skip_unreadable"])]
    pub color_by_class: Option<Palette>,

    /// Share of images that have the color of their class; the others share the other colors [default: 1]
    #[arg(long, value_name = "SHARE", requires = "color_by_class", hide_short_help = true)]
    pub share: Option<Share>,

    /// The same in the split test
    #[arg(long, value_name = "SHARE", requires = "color_by_class", hide_short_help = true)]
    pub test_share: Option<Share>,

    /// What has the color [default: digit]
    #[arg(long, value_parser = choice::<On>(), requires = "color_by_class", hide_short_help = true)]
    pub on: Option<On>,

    /// Deviation of each image's color, of 0 to 1 [default: 0]
    #[arg(long, value_name = "STD", requires = "color_by_class", hide_short_help = true)]
    pub jitter: Option<Share>,

    /// Which image has which color [default: each]
    #[arg(long, value_parser = choice::<Assign>(), requires = "color_by_class", hide_short_help = true)]
    pub assign: Option<Assign>,
}
