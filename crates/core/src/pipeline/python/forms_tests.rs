//! How people put pipelines together: settings, functions with some of their parameters, rows of numbers, classes that
//! inherit.

use super::files_tests::keys;
use super::{Wanted, translate};
use crate::pipeline::Spec;

const IMPORTS: &str = "import imgaug.augmenters as iaa\nimport math, random\nimport numpy as np\n";

fn spec(body: &str) -> Spec {
    let text = format!("{IMPORTS}{body}");
    translate("flow.py", &text, &Wanted::default()).unwrap_or_else(|error| panic!("{body}\n{error}")).spec
}

/// Whether a file means the same as `iaa.Sequential([...])` of these augmenters.
fn means(body: &str, augmenters: &str) {
    let own = spec(body).pipeline;
    let plain = spec(&format!("seq = iaa.Sequential([{augmenters}])\n")).pipeline;
    let all = |steps: &[crate::pipeline::Step]| serde_json::to_value(steps).unwrap();
    assert_eq!(all(&own), all(&plain), "{body}");
}

#[test]
fn settings_whose_keys_are_attributes() {
    for made in [
        "from easydict import EasyDict as edict\ncfg = edict()\ncfg.P = 0.2\ncfg.AUG = edict()\ncfg.AUG.ROT = 9\n",
        "from easydict import EasyDict\ncfg = EasyDict({'P': 0.2, 'AUG': {'ROT': 9}})\n",
        "from yacs.config import CfgNode as CN\n_C = CN()\n_C.P = 0.2\n_C.AUG = CN({'ROT': 3})\n_C.AUG.ROT = 9\ncfg = _C\n",
        "from types import SimpleNamespace\ncfg = SimpleNamespace(P=0.2, AUG=SimpleNamespace(ROT=9))\n",
    ] {
        let body = format!(
            "{made}seq = iaa.Sequential([iaa.Fliplr(cfg.P), iaa.Affine(rotate=(-cfg.AUG.ROT, getattr(cfg.AUG, 'ROT')))])\n"
        );
        means(&body, "iaa.Fliplr(0.2), iaa.Affine(rotate=(-9, 9))");
    }
    let error = translate(
        "flow.py",
        &format!("{IMPORTS}from munch import Munch\ncfg = Munch(a=1)\nseq = iaa.Fliplr(cfg.p)\n"),
        &Wanted::default(),
    );
    assert!(error.unwrap_err().to_string().contains("cfg.p is not known"));
}

#[test]
fn classes_have_what_they_inherit() {
    let body = "class Config:\n  FLIP = 0.3\n  ROT = 5\n  def rot(self):\n    return (-self.ROT, self.ROT)\n\
                class Train(Config):\n  ROT = 20\ncfg = Train()\nseq = iaa.Sequential([iaa.Fliplr(cfg.FLIP), iaa.Affine(rotate=cfg.rot())])\n";
    means(body, "iaa.Fliplr(0.3), iaa.Affine(rotate=(-20, 20))");
    let body = "class Base:\n  def __init__(self, p, q=0.1):\n    self.p = p\n    self.q = q\n\
                class Middle(Base):\n  pass\n\
                class Aug(Middle):\n  def __init__(self):\n    super().__init__(0.7)\n    self.q = self.q * 2\n    \
                self.seq = iaa.Sequential([iaa.Fliplr(self.p), iaa.Flipud(self.q)])\n";
    means(body, "iaa.Fliplr(0.7), iaa.Flipud(0.2)");
    let body = "class A:\n  pass\nclass B(A):\n  pass\nb = B()\nseq = iaa.Fliplr(0.4) if isinstance(b, A) else iaa.Noop()\n";
    means(body, "iaa.Fliplr(0.4)");
}

#[test]
fn functions_that_are_made_of_functions() {
    means(
        "from functools import partial\nst = partial(iaa.Sometimes, 0.3)\nseq = iaa.Sequential([st(iaa.Fliplr(1))])\n",
        "iaa.Sometimes(0.3, iaa.Fliplr(1))",
    );
    means(
        "import functools\nturn = functools.partial(iaa.Affine, rotate=5, order=0)\nseq = iaa.Sequential([turn(), turn(rotate=8)])\n",
        "iaa.Affine(rotate=5, order=0), iaa.Affine(rotate=8, order=0)",
    );
    let deep = "from functools import partial\nf = iaa.Fliplr\nfor i in range(5000):\n  f = partial(f, p=0.3)\nseq = iaa.Sequential([f()])\n";
    let text = format!("{IMPORTS}{deep}");
    let _ = translate("flow.py", &text, &Wanted::default());
    means(&deep.replace("5000", "20"), "iaa.Fliplr(p=0.3)");
    means(
        "seq = iaa.Sequential([getattr(iaa, '-'.join(['Flip', 'lr']).replace('-', ''))(0.3)])\n",
        "iaa.Fliplr(0.3)",
    );
    means(
        "seq = iaa.Sequential(list(map(lambda a: iaa.Sometimes(.5, a), [iaa.Fliplr(1), iaa.Flipud(1)])))\n",
        "iaa.Sometimes(.5, iaa.Fliplr(1)), iaa.Sometimes(.5, iaa.Flipud(1))",
    );
    means("K = list(map(int, '3 5'.split()))\nseq = iaa.AverageBlur(K)\n", "iaa.AverageBlur([3, 5])");
    means(
        "CFG = [('Fliplr', {'p': 0.5}), ('Add', {'value': (-3, 3)})]\nseq = iaa.Sequential([getattr(iaa, n)(**p) for n, p in CFG])\n",
        "iaa.Fliplr(0.5), iaa.Add((-3, 3))",
    );
    means(
        "d = dict(zip(['a', 'b'], [iaa.Fliplr(.5), iaa.Flipud(.5)]))\nseq = iaa.Sequential([d['b'], d['a']])\n",
        "iaa.Flipud(.5), iaa.Fliplr(.5)",
    );
}

#[test]
fn rows_of_numbers_and_arithmetic() {
    for (body, expected) in [
        ("iaa.Affine(rotate=list(np.arange(0, 360, 90)))", "iaa.Affine(rotate=[0, 90, 180, 270])"),
        ("iaa.Multiply(np.linspace(0.5, 1.5, 5).tolist())", "iaa.Multiply([0.5, 0.75, 1.0, 1.25, 1.5])"),
        ("iaa.Add(np.array([1, 2, 3]).tolist())", "iaa.Add([1, 2, 3])"),
        ("iaa.Affine(rotate=math.degrees(math.pi))", "iaa.Affine(rotate=180.0)"),
        ("iaa.Affine(rotate=[int(a) for a in np.arange(2)])", "iaa.Affine(rotate=[0, 1])"),
        ("iaa.Add((-math.floor(3.7), math.ceil(3.2)))", "iaa.Add((-3, 4))"),
        ("iaa.Multiply(np.float64(0.5))", "iaa.Multiply(0.5)"),
    ] {
        means(&format!("seq = iaa.Sequential([{body}])\n"), expected);
    }
    // Arrays are multiplied item by item, which no list is.
    let error = translate(
        "flow.py",
        &format!("{IMPORTS}seq = iaa.Add(list(np.array([1, 2]) * 2))\n"),
        &Wanted::default(),
    );
    assert!(error.is_err());
    let huge = format!("{IMPORTS}seq = iaa.Affine(rotate=list(np.arange(0, 1e9)))\n");
    assert!(translate("flow.py", &huge, &Wanted::default()).is_err());
}

#[test]
fn statements_of_newer_pythons() {
    let matched = |mode: &str| {
        format!(
            "mode = {mode}\nmatch mode:\n  case 'a' | 'b':\n    seq = iaa.Fliplr(0.1)\n  case 'c':\n    seq = iaa.Fliplr(0.2)\n  case _:\n    seq = iaa.Fliplr(0.3)\n"
        )
    };
    for (mode, p) in [("'b'", "0.1"), ("'c'", "0.2"), ("'z'", "0.3")] {
        means(&matched(mode), &format!("iaa.Fliplr({p})"));
    }
    means("async def f(x):\n  s = iaa.Sequential([iaa.Fliplr(.5)])\n  return s(image=x)\n", "iaa.Fliplr(.5)");
    means("def f():\n  yield iaa.Sequential([iaa.Fliplr(.5)])\n", "iaa.Fliplr(.5)");
    means("if (s := iaa.Sequential([iaa.Fliplr(.5)])) is not None:\n  pass\n", "iaa.Fliplr(.5)");
}

#[test]
fn lists_that_are_shuffled_are_told() {
    let text = format!(
        "{IMPORTS}ops = [iaa.Fliplr(.5), iaa.Flipud(.2)]\nrandom.shuffle(ops)\nseq = iaa.Sequential(ops)\n"
    );
    assert_eq!(keys(&text, &Wanted::default()), "fliplr flipud");
    let told = translate("flow.py", &text, &Wanted::default()).unwrap().warnings.join("\n");
    assert!(told.contains("5:1: the order is drawn when this line runs"), "{told}");
}
