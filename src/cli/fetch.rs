//! The options of `fetch`.

use std::path::PathBuf;

use clap::Args;

/// `fetch`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug fetch --list
  mnistaug fetch mnist                                 into data/mnist, where --input mnist finds it
  mnistaug fetch emnist-letters kannada-mnist --dir /data
  mnistaug fetch all --allow-unpinned
  mnistaug fetch mnist --mirror http://mirror.example/mnist/ --mirror file:///mnt/mnist
  mnistaug fetch mnist --from-dir ~/downloads          files that you have; no network
  mnistaug fetch mnist --verify-only                   for a CI job, beside mnistaug.lock

Files are checked before they appear: size, SHA-256 or MD5, or SHA-256 of what is packed in them, and the IDX header. They are kept by \
content in MNISTAUG_CACHE (or the user's cache folder), so that a second run needs no network. Proxies are taken from HTTPS_PROXY, HTTP_PROXY, \
ALL_PROXY and NO_PROXY. Exit codes: 65 for files that are not what they should be, 66 for missing ones, 69 for the network.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct FetchArgs {
    /// Data sets, groups of them (emnist, medmnist), or `all`
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub names: Vec<String>,

    /// List the data sets: images, classes, size, license, and whether they are here
    #[arg(long)]
    pub list: bool,

    /// Folder for the files; with several names, a folder for their folders [default: data/NAME]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Check what is here and get nothing
    #[arg(long, conflicts_with_all = ["list", "mirror", "from_dir"])]
    pub verify_only: bool,

    /// Leave images as they are stored: EMNIST's lie on their side
    #[arg(long)]
    pub as_stored: bool,

    /// Take files whose digest nobody knows, and lock them as they are
    #[arg(long)]
    pub allow_unpinned: bool,

    /// Another catalogue, for data sets of your own (see src/fetch/catalogue.toml)
    #[arg(long, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,

    /// The file that remembers what was fetched
    #[arg(long, value_name = "FILE", default_value = "mnistaug.lock")]
    pub lock: PathBuf,

    /// Neither read nor write that file
    #[arg(long, conflicts_with = "lock")]
    pub no_lock: bool,

    /// Try this place first: a folder's address (http, https, file), {name} stands for the data set; several are tried in order
    #[arg(long, value_name = "URL", value_parser = address, help_heading = "Network")]
    pub mirror: Vec<String>,

    /// Take files from this folder and from nowhere else
    #[arg(long, value_name = "DIR", conflicts_with = "mirror", help_heading = "Network")]
    pub from_dir: Option<PathBuf>,

    /// Use no network, only the cache
    #[arg(long, help_heading = "Network")]
    pub offline: bool,

    /// Seconds to wait for a host and for the beginning of its answer
    #[arg(long, value_name = "SECONDS", default_value_t = 20, help_heading = "Network", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,

    /// Seconds for which nothing, or less than 1 KiB/s, may arrive
    #[arg(long, value_name = "SECONDS", default_value_t = 30, help_heading = "Network", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub stall_timeout: u64,

    /// How often a mirror that failed is asked again
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Network", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub retries: u32,

    /// Certificates to trust besides the usual ones, in PEM form [default: SSL_CERT_FILE]
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub ca_file: Option<PathBuf>,
}

fn address(text: &str) -> Result<String, String> {
    let known = ["http://", "https://", "file://"].iter().any(|scheme| text.starts_with(scheme));
    if known {
        Ok(text.to_owned())
    } else {
        Err(format!("expected http://, https:// or file://; found {text:?}"))
    }
}
