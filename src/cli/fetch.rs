//! The options of `fetch`.

use std::path::PathBuf;

use clap::Args;

use super::common::whole;

/// `fetch`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug fetch --list
  mnistaug fetch mnist                                 into data/mnist, where --input mnist finds it
  mnistaug fetch emnist-letters kannada-mnist --dir /data
  mnistaug fetch all --allow-unpinned
  mnistaug fetch mnist --mirror http://mirror.example/mnist/ --mirror file:///mnt/mnist
  mnistaug fetch mnist --from-dir ~/downloads          files that you have; no network
  mnistaug fetch mnist --verify-only                   for a CI job, beside mnistaug.lock

Files are checked before they appear: size, SHA-256 or MD5 (of the file or of its uncompressed content), and the IDX header. They are \
cached in MNISTAUG_CACHE (or the user's cache folder), and a second run needs no network. Proxies are taken from HTTPS_PROXY, HTTP_PROXY, \
ALL_PROXY and NO_PROXY. Exit codes: 65 for corrupt or wrong files, 66 for missing ones, 69 for the network.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct FetchArgs {
    /// Data sets, groups (emnist, medmnist), or `all`
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub names: Vec<String>,

    /// List data sets: size, license, and whether they are here
    #[arg(long)]
    pub list: bool,

    /// Folder to write to [default: data/NAME]
    ///
    /// With several names, one folder for each is made in it.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Check existing files, download nothing
    #[arg(long, conflicts_with_all = ["list", "mirror", "from_dir"])]
    pub verify_only: bool,

    /// Do not transpose EMNIST's images
    ///
    /// They are stored transposed, and are turned upright without this option.
    #[arg(long, hide_short_help = true)]
    pub as_stored: bool,

    /// Accept files without a published digest, and lock theirs
    #[arg(long, hide_short_help = true)]
    pub allow_unpinned: bool,

    /// Catalog file with your own data sets (see src/fetch/catalogue.toml)
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub catalogue: Option<PathBuf>,

    /// Lock file: digests of what was fetched
    #[arg(long, value_name = "FILE", default_value = "mnistaug.lock")]
    pub lock: PathBuf,

    /// Neither read nor write the lock file
    #[arg(long, conflicts_with = "lock")]
    pub no_lock: bool,

    /// Try this URL first
    ///
    /// URL of a folder (http, https, file); {name} stands for the name of the data set. Repeated options are tried in order.
    #[arg(long, value_name = "URL", value_parser = address, help_heading = "Network")]
    pub mirror: Vec<String>,

    /// Take files from this folder only
    #[arg(long, value_name = "DIR", conflicts_with = "mirror", help_heading = "Network")]
    pub from_dir: Option<PathBuf>,

    /// Use the cache only
    #[arg(long, help_heading = "Network")]
    pub offline: bool,

    /// Seconds to connect and to receive the first byte
    #[arg(long, hide_short_help = true, value_name = "SECONDS", default_value_t = 20, help_heading = "Network", value_parser = whole::<u64>(1..=3600), allow_negative_numbers = true)]
    pub timeout: u64,

    /// Seconds that a transfer may be slower than 1 KiB/s
    #[arg(long, hide_short_help = true, value_name = "SECONDS", default_value_t = 30, help_heading = "Network", value_parser = whole::<u64>(1..=3600), allow_negative_numbers = true)]
    pub stall_timeout: u64,

    /// Retries per mirror
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = 3, help_heading = "Network", value_parser = whole::<u32>(0..=100), allow_negative_numbers = true)]
    pub retries: u32,

    /// PEM file of extra certificates to trust [default: SSL_CERT_FILE]
    #[arg(long, hide_short_help = true, value_name = "FILE", help_heading = "Network")]
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
