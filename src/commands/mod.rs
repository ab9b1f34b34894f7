//! One file a subcommand: arguments become a job, the job runs. No pixels and no formats here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use crate::base::{DataSet, Explain, Fault, Image, Kind, Watch};
use crate::cli::{Cli, Command, Common, InputArgs, PickArgs};
use crate::formats::codec::picture::PictureKind;
use crate::recipe::input::Pick;
use crate::recipe::{Draws, Recipe, Splits};
use crate::sources::Open;
use crate::sources::open::locate;
use crate::store::Manifest;
use crate::store::job::global_pool;
use crate::store::output::Output;
use crate::ui::{Ui, counted};

mod advice;
mod augment;
mod balance;
mod build;
mod cat;
mod colorize;
mod explain;
mod export;
#[cfg(feature = "fetch")]
mod fetch;
mod import;
mod info;
mod merge;
mod mix;
mod overlap;
mod parts;
mod pipeline;
mod place;
mod preview;
mod quadrant;
mod relabel;
mod run;
mod sequence;
mod sheet;
mod shell;
pub(crate) mod signals;
mod split;
mod verify;

/// What every command gets.
struct Context {
    ui: Ui,
    /// The command line, for words that say how to type it instead.
    typed: Vec<OsString>,
    threads: usize,
    /// Whether to end, and who is told how far the work is.
    watch: Watch,
}

/// Runs the command.
///
/// # Errors
/// Whatever went wrong.
pub fn run(cli: Cli, typed: &[OsString], ui: Ui) -> Result<(), Fault> {
    let watch = Watch::new(signals::listen(ui)?, ui.progress());
    let (threads, why) = threads(&cli.common);
    let context = Context { ui, typed: typed.to_vec(), threads, watch };
    context.ui.decided(&format!("{}{why}", counted(threads as u64, "thread")));
    global_pool(context.threads)?;
    command(cli.command, &context).map_err(advice::advise)
}

fn command(command: Command, context: &Context) -> Result<(), Fault> {
    match command {
        #[cfg(feature = "fetch")]
        Command::Fetch(args) => fetch::run(&args, context),
        #[cfg(not(feature = "fetch"))]
        Command::Fetch(_) => Err(Fault::said(
            Kind::Usage,
            "this mnistaug was built without downloads",
            Some("build it with the feature `fetch`, or put the files into data/NAME by hand"),
        )),
        Command::Colorize(args) => colorize::run(&args, context),
        Command::Quadrant(args) => quadrant::run(&args, context),
        Command::Place(args) => place::run(&args, context),
        Command::Sequence(args) => sequence::run(&args, context),
        Command::Augment(args) => augment::run(&args, context),
        Command::Explain(args) => explain::run(&args, context),
        Command::Pipeline(args) => pipeline::run(&args.command, context),
        Command::Import(args) => import::run(&args, context),
        Command::Relabel(args) => relabel::run(&args, context),
        Command::Balance(args) => balance::run(&args, context),
        Command::Mix(args) => mix::run(&args, context),
        Command::Split(args) => split::run(&args, context),
        Command::Export(args) => export::run(&args, context),
        Command::Run(args) => run::run(&args, context),
        Command::Preview(args) => preview::run(&args, context),
        Command::Info(args) => info::run(&args, context),
        Command::Verify(args) if args.no_overlap => overlap::run(&args, context),
        Command::Verify(args) => verify::run(&args, context),
        Command::Cat(args) => cat::run(&args, context),
        Command::Merge(args) => merge::run(&args, context),
        Command::Parts(args) => parts::run(&args, context),
        Command::Completions(args) => shell::completions(&args, context),
        Command::Man(args) => shell::man(&args, context),
    }
}

/// How many processors a job of Slurm has, where its cluster does not bind jobs to them.
const CPUS_PER_TASK: &str = "SLURM_CPUS_PER_TASK";

/// How many threads work, and why.
fn threads(common: &Common) -> (usize, String) {
    if let Some(threads) = common.threads {
        return (usize::from(threads), String::new());
    }
    // Heeds what the process is bound to and the quota of its control group.
    let processors = available_parallelism().map_or(1, usize::from);
    let granted = std::env::var(CPUS_PER_TASK).ok().and_then(|text| text.trim().parse::<usize>().ok());
    match granted.filter(|granted| (1..processors).contains(granted)) {
        Some(granted) => (granted, format!(": {CPUS_PER_TASK} says so")),
        None => (processors, ": one for each processor".to_owned()),
    }
}

/// The recipe that an input's options describe. Where no input is named, the default is chosen and said.
fn recipe_of(args: &InputArgs, default_split: &Splits, context: &Context) -> Result<Recipe, Fault> {
    advice::check_words(&args.sources, context)?;
    Ok(Pick::from(&args.pick).all(&inputs_or_default(args.named(), context.ui), default_split)?)
}

/// The inputs that are named, or the default, which is said.
fn inputs_or_default(named: &[PathBuf], ui: Ui) -> Vec<PathBuf> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let fetched = Path::new("data/mnist");
    if fetched.is_dir() {
        ui.decided("no input is given: data/mnist is here");
        return vec![fetched.to_owned()];
    }
    ui.note("no --input given and no data/mnist here: using the built-in digits");
    vec![PathBuf::from("digits")]
}

/// Warns of inputs that were made by a command that draws the same numbers as one of the recipe.
fn warn_of_repeats(recipe: &Recipe, ui: Ui) {
    fn walk(recipe: &Recipe, above: &[Draws], ui: Ui) {
        let above: Vec<Draws> = above.iter().copied().chain(recipe.draws()).collect();
        for path in recipe.node().inputs() {
            let Ok(manifest) = Manifest::read(&locate(path)) else { continue };
            let Some(made_by) = manifest.recipe.known().map(Recipe::all_draws) else { continue };
            if let Some(again) = above.iter().find(|draws| made_by.contains(draws)) {
                let taken: Vec<Draws> = above.iter().copied().chain(made_by).collect();
                ui.warn(&format!(
                    "{}: it was made by {} with the seed {} as well, so both draw the same numbers; for others, say --seed {}",
                    path.display(),
                    again.kind,
                    again.seed,
                    again.another_seed(&taken),
                ));
            }
        }
        recipe.children().iter().for_each(|child| walk(child, &above, ui));
    }
    walk(recipe, &[], ui);
}

/// Opens one source for looking at it.
fn open_source(path: &Path, pick: &PickArgs, context: &Context) -> Result<DataSet, Fault> {
    let recipe = Pick::from(pick).all(&[path.to_owned()], &Splits::All)?;
    recipe.open_watched(&context.watch)
}

/// The recipe that the data set in `folder` was made by.
fn recipe_on_record(folder: &Path, manifest: &Manifest) -> Result<Recipe, Fault> {
    manifest.recipe.get().cloned().map_err(|error| {
        let help = error.help();
        Fault::said(error.kind(), format!("{}: {error}", folder.display()), help.as_deref())
    })
}

/// Names of splits for a sentence.
fn split_names(data: &DataSet) -> String {
    data.splits.iter().map(|split| split.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A picture that the user named to be written.
struct PictureFile<'a> {
    path: &'a Path,
    force: bool,
    reads: Vec<PathBuf>,
    kind: PictureKind,
}

impl<'a> PictureFile<'a> {
    /// Refuses what is not written to, and endings that are those of no picture, before any work. `reads` is what the picture is made of.
    fn new(path: &'a Path, force: bool, reads: Vec<PathBuf>) -> Result<Self, Fault> {
        let Some(kind) = PictureKind::of(path) else {
            return Err(Fault::said(
                Kind::Usage,
                format!("{}: expected a name that ends as those of pictures do", path.display()),
                Some("end it in .png, .jpg, .bmp or .webp"),
            ));
        };
        let file = Self { path, force, reads, kind };
        file.output(&|start| kind.is_like(start)).check()?;
        Ok(file)
    }

    fn output<'b>(&'b self, is_like: &'b dyn Fn(&[u8]) -> bool) -> Output<'b> {
        Output {
            path: self.path,
            force: self.force,
            reads: &self.reads,
            what: "a picture of that kind",
            is_like,
        }
    }

    /// Writes it.
    fn write(&self, image: Image<'_>) -> Result<(), Fault> {
        let bytes = self.kind.encode(image).map_err(|error| {
            let text = format!("{}: the picture cannot be encoded: {error}", self.path.display());
            Fault::said(Kind::Failed, text, Some("end its name in .png, or ask for fewer images"))
        })?;
        Ok(self.output(&|start| self.kind.is_like(start)).write(&[bytes])?)
    }
}

/// What a source reads, for what must not be written over: what was named, and what it was found to be.
fn reads(named: &[&Path], data: Option<&DataSet>) -> Vec<PathBuf> {
    let inputs = data.iter().flat_map(|data| &data.inputs).map(|input| PathBuf::from(&input.path));
    named.iter().map(|path| locate(path)).chain(inputs).collect()
}
