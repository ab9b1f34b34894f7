//! Holes, and what else loses pixels.

use super::{FILLS, Fields, Maker, Res, Step, V, Version};
use crate::text::tree::Value;

impl Maker<'_, '_, '_> {
    /// What fills holes, by its older or its newer name.
    fn fill(&mut self, fields: &mut Fields, to: &str) -> Res<()> {
        let Some((name, value)) = FILLS.iter().find_map(|name| Some((*name, self.get(name)?))) else {
            return Ok(());
        };
        let byte = |v: f64| Value::Int(v.clamp(0.0, 255.0) as i64);
        let field = match (&value.kind, value.items()) {
            (V::Text(word), _) if matches!(&**word, "random" | "random_uniform") => self.text(to, word)?,
            (V::Text(_), _) => {
                return self.refuse(
                    Some(value),
                    format!("{name} is a value, a color, \"random\" or \"random_uniform\" here"),
                );
            }
            (_, Some(items @ ([_] | [_, _, _]))) => {
                let items =
                    items.iter().map(|item| self.translator.number(item, name)).collect::<Res<Vec<_>>>()?;
                match items[..] {
                    [one] => self.field(to, byte(one))?,
                    _ => self.list(to, items.into_iter().map(byte))?,
                }
            }
            (_, Some(_)) => {
                return self.refuse(Some(value), format!("{name} has a value for each of three channels"));
            }
            (_, None) => {
                let number = self.translator.number(value, name)?;
                self.field(to, byte(number))?
            }
        };
        fields.push(field);
        Ok(())
    }

    /// The greatest of something in 1.x and the smallest, which is the same if it is left out.
    fn most(&self, most: &str, least: &str, default: f64) -> Res<[f64; 2]> {
        let most = self.number(most, default)?;
        let least = self.number(least, most)?;
        Ok([least.min(most), most.max(least)])
    }

    fn sides(&mut self, name: &str, [lo, hi]: [f64; 2]) -> Res<(super::Key, super::Tree)> {
        self.list(name, [Value::Float(lo), Value::Float(hi)])
    }
}

pub(super) fn coarse_dropout(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let (holes, height, width) = match maker.version {
        Version::One => (
            maker.most("max_holes", "min_holes", 8.0)?.map(|n| n as i64),
            maker.most("max_height", "min_height", 8.0)?,
            maker.most("max_width", "min_width", 8.0)?,
        ),
        Version::Two => (
            maker.whole("num_holes_range", [1, 2], |v| [v, v])?,
            maker.pair("hole_height_range", [0.1, 0.2], |v| [v, v])?,
            maker.pair("hole_width_range", [0.1, 0.2], |v| [v, v])?,
        ),
    };
    let mut fields = vec![
        maker.ints("num_holes", holes)?,
        maker.sides("hole_height", height)?,
        maker.sides("hole_width", width)?,
    ];
    maker.fill(&mut fields, "fill")?;
    Ok(Step::Plain("albumentations.coarse_dropout", fields))
}

pub(super) fn cutout(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let holes = maker.number("num_holes", 8.0)?;
    let (height, width) = (maker.number("max_h_size", 8.0)?, maker.number("max_w_size", 8.0)?);
    let mut fields = vec![
        maker.field("num_holes", Value::Int(holes as i64))?,
        maker.sides("hole_height", [height; 2])?,
        maker.sides("hole_width", [width; 2])?,
        maker.text("at", "anywhere")?,
    ];
    maker.fill(&mut fields, "fill")?;
    Ok(Step::Plain("albumentations.coarse_dropout", fields))
}

pub(super) fn erasing(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let scale = maker.pair("scale", [0.02, 0.33], |v| [v, v])?;
    let ratio = maker.pair("ratio", [0.3, 3.3], |v| [v, v])?;
    let mut fields = vec![maker.sides("scale", scale)?, maker.sides("ratio", ratio)?];
    maker.fill(&mut fields, "fill")?;
    Ok(Step::Plain("albumentations.erasing", fields))
}

pub(super) fn grid_dropout(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let ratio = maker.number("ratio", 0.5)?;
    let mut fields = vec![maker.field("ratio", Value::Float(ratio))?, maker.version()?];
    let pair = |maker: &mut Maker<'_, '_, '_>, name: &str, [a, b]: [f64; 2]| {
        maker.list(name, [Value::Int(a as i64), Value::Int(b as i64)])
    };
    let (random, shift) = match maker.version {
        Version::One => {
            match (maker.get("unit_size_min"), maker.get("unit_size_max")) {
                (Some(_), Some(_)) => {
                    let units = [maker.number("unit_size_min", 2.0)?, maker.number("unit_size_max", 2.0)?];
                    fields.push(pair(maker, "unit_size", units)?);
                }
                _ => match (maker.get("holes_number_x"), maker.get("holes_number_y")) {
                    (Some(_), Some(_)) => {
                        let counts =
                            [maker.number("holes_number_x", 1.0)?, maker.number("holes_number_y", 1.0)?];
                        fields.push(pair(maker, "holes_number", counts)?);
                    }
                    (None, None) => {}
                    (x, y) => {
                        return maker
                            .refuse(x.or(y), "give holes_number_x and holes_number_y, both or neither");
                    }
                },
            }
            let shift = [maker.number("shift_x", 0.0)?, maker.number("shift_y", 0.0)?];
            (maker.flag("random_offset", false)?, shift)
        }
        Version::Two => {
            for (name, to) in [("unit_size_range", "unit_size"), ("holes_number_xy", "holes_number")] {
                if let Some(value) = maker.get(name) {
                    let Some([a, b]) = value.items() else {
                        return maker.refuse(Some(value), format!("{name} is a pair"));
                    };
                    let numbers = [maker.translator.number(a, name)?, maker.translator.number(b, name)?];
                    fields.push(pair(maker, to, numbers)?);
                }
            }
            let shift = match maker.get("shift_xy").map(|value| (value, value.items())) {
                None => [0.0; 2],
                Some((_, Some([x, y]))) => {
                    [maker.translator.number(x, "shift_xy")?, maker.translator.number(y, "shift_xy")?]
                }
                Some((value, _)) => return maker.refuse(Some(value), "shift_xy is a pair"),
            };
            (maker.flag("random_offset", true)?, shift)
        }
    };
    fields.push(maker.field("random_offset", Value::Bool(random))?);
    fields.push(pair(maker, "shift", shift.map(|v| v.max(0.0)))?);
    maker.fill(&mut fields, "fill")?;
    Ok(Step::Plain("albumentations.grid_dropout", fields))
}

pub(super) fn channel_dropout(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let count = maker.whole("channel_drop_range", [1, 1], |v| [v, v])?;
    let mut fields = vec![maker.ints("channel_drop_range", count)?];
    maker.fill(&mut fields, "fill")?;
    Ok(Step::Plain("albumentations.channel_dropout", fields))
}

pub(super) fn pixel_dropout(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let p = maker.number("dropout_prob", 0.01)?;
    let per_channel = maker.flag("per_channel", false)?;
    let mut fields = vec![
        maker.field("dropout_prob", Value::Float(p))?,
        maker.field("per_channel", Value::Bool(per_channel))?,
    ];
    let value = match (maker.bound.raw("drop_value"), maker.get("drop_value")) {
        (None, _) => None,
        // None written out is a color that is drawn.
        (Some(_), None) => Some(maker.text("drop_value", "random_uniform")?),
        (Some(_), Some(value)) => {
            Some((maker.translator.key(value.at, "drop_value"), maker.translator.plain(value)?))
        }
    };
    fields.extend(value);
    Ok(Step::Plain("albumentations.pixel_dropout", fields))
}
