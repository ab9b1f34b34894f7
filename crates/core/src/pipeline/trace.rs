//! Drawn plans as JSON, and back.
//!
//! A plan is `{"shape": {...}, "steps": [...]}`; a step is `{"node": 3, "affine": {...}}` for an operation,
//! `{"node": 2, "sometimes": {"steps": [...]}}` for a group with the steps that run, and
//! `{"node": 7, "simplex_noise_alpha": {"mask": {...}, "first": [...], "second": [...]}}` for a blend, and
//! `{"node": 9, "with_channels": {"drawn": {...}, "steps": [...]}}` for a wrap.

use serde::de::Error as _;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::combinators::{self, AnyMask, AnyWrap, Leaves};
use super::plan::{Painted, Plan, Planned};
use crate::base::Shape;
use crate::ops::AnyDrawn;

/// Entries side by side, each with what is inside it.
struct Steps<'a>(&'a [Planned]);

/// One entry with what is inside it.
struct OneStep<'a>(&'a [Planned]);

/// What is behind an entry's key.
struct Body<'a>(&'a [Planned]);

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("shape", &self.shape)?;
        map.serialize_entry("steps", &Steps(&self.steps))?;
        map.end()
    }
}

impl Serialize for Painted<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        OneStep(self.entries).serialize(to)
    }
}

impl Painted<'_> {
    /// What was drawn for the step, without its name.
    ///
    /// # Errors
    /// The serializer's.
    pub fn write_bare<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Body(self.entries).serialize(to)
    }
}

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut seq = to.serialize_seq(None)?;
        let mut rest = self.0;
        while let Some(entry) = rest.first() {
            let (own, others) = rest.split_at(1 + entry.inside());
            seq.serialize_element(&OneStep(own))?;
            rest = others;
        }
        seq.end()
    }
}

impl Serialize for OneStep<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        if let Some(entry) = self.0.first() {
            map.serialize_entry("node", &entry.node())?;
            map.serialize_entry(entry.key(), &Body(self.0))?;
        }
        map.end()
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Some((entry, inside)) = self.0.split_first() else { return to.serialize_unit() };
        match entry {
            Planned::Op { drawn, .. } => drawn.write_bare(to),
            Planned::Group { .. } => {
                let mut map = to.serialize_map(Some(1))?;
                map.serialize_entry("steps", &Steps(inside))?;
                map.end()
            }
            Planned::Blend { mask, first, .. } => {
                let (first, second) = inside.split_at(*first as usize);
                let mut map = to.serialize_map(Some(3))?;
                map.serialize_entry("mask", mask)?;
                map.serialize_entry("first", &Steps(first))?;
                map.serialize_entry("second", &Steps(second))?;
                map.end()
            }
            Planned::Wrap { drawn, .. } => {
                let mut map = to.serialize_map(Some(2))?;
                map.serialize_entry("drawn", drawn)?;
                map.serialize_entry("steps", &Steps(inside))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Plan {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            shape: Option<Shape>,
            steps: Vec<Map<String, Value>>,
        }
        let file = File::deserialize(from)?;
        let mut plan = Self::default();
        plan.shape = file.shape;
        read_steps(file.steps, &mut plan.steps).map_err(D::Error::custom)?;
        Ok(plan)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupBody {
    steps: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlendBody {
    mask: Value,
    first: Vec<Map<String, Value>>,
    second: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrapBody {
    drawn: Value,
    steps: Vec<Map<String, Value>>,
}

fn read_steps(list: Vec<Map<String, Value>>, steps: &mut Vec<Planned>) -> serde_json::Result<()> {
    for mut step in list {
        let node = match step.remove("node") {
            Some(node) => serde_json::from_value(node)?,
            None => return Err(serde_json::Error::missing_field("node")),
        };
        let mut entries = step.into_iter();
        let (Some((key, body)), None) = (entries.next(), entries.next()) else {
            return Err(serde_json::Error::custom("a drawn step has a node and one operation"));
        };
        let at = steps.len();
        let Some(entry) = combinators::entry(&key) else {
            steps.push(Planned::Op { node, drawn: AnyDrawn::read(&key, body)? });
            continue;
        };
        match entry.leaves {
            Leaves::Steps => {
                let body: GroupBody = serde_json::from_value(body)?;
                steps.push(Planned::Group { node, key: entry.key, len: 0 });
                read_steps(body.steps, steps)?;
                let len = (steps.len() - at - 1) as u32;
                steps[at] = Planned::Group { node, key: entry.key, len };
            }
            Leaves::Mask => {
                let body: BlendBody = serde_json::from_value(body)?;
                let mask = AnyMask::read(entry.key, body.mask)?;
                steps.push(Planned::Blend { node, mask, first: 0, second: 0 });
                read_steps(body.first, steps)?;
                let first = (steps.len() - at - 1) as u32;
                read_steps(body.second, steps)?;
                let second = (steps.len() - at - 1) as u32 - first;
                steps[at] = Planned::Blend { node, mask, first, second };
            }
            Leaves::Around => {
                let body: WrapBody = serde_json::from_value(body)?;
                let drawn = AnyWrap::read(entry.key, body.drawn)?;
                steps.push(Planned::Wrap { node, drawn, len: 0 });
                read_steps(body.steps, steps)?;
                let len = (steps.len() - at - 1) as u32;
                steps[at] = Planned::Wrap { node, drawn, len };
            }
        }
    }
    Ok(())
}
