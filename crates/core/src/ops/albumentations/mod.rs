//! Albumentations' transforms whose arithmetic nothing else here has.

mod brightness_contrast;
mod center_crop;
mod gamma;

pub use brightness_contrast::RandomBrightnessContrast;
pub use center_crop::AlbumentationsCenterCrop;
pub use gamma::RandomGamma;
