//! Pipelines that are called only if a random number says so.

use super::files_tests::keys;
use super::{Wanted, translate};
use serde_json::json;

const HEAD: &str = "import random\nimport numpy as np\nimport torch\nimport tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\nimport albumentations as A\nimport imgaug.augmenters as iaa\nfrom torchvision import transforms\n";

/// What makes pipelines `t`, and a call of each.
const PIPELINES: &[(&str, &str)] = &[
    ("t = keras.Sequential([layers.RandomZoom(.1)])\n", "x = t(x)"),
    ("t = keras.Sequential([layers.RandomZoom(.1)])\n", "x = t(x, training=True)"),
    ("t = transforms.Compose([transforms.RandomRotation(9)])\n", "x = t(x)"),
    ("t = A.Compose([A.Blur(p=1)])\n", "x = t(image=x)['image']"),
    ("t = iaa.Sequential([iaa.Add(3)])\n", "x = t(image=x)"),
    ("t = iaa.Sequential([iaa.Add(3)])\n", "x = t.augment_image(x)"),
    ("t = iaa.Sequential([iaa.Add(3)])\n", "d = t.to_deterministic(); x = d.augment_image(x)"),
    ("t = keras.preprocessing.image.ImageDataGenerator(rotation_range=9)\n", "x = t.random_transform(x)"),
];

/// The step and its probability, if it is in `sometimes`, and what is said.
fn read(body: &str, set: &[String]) -> (Vec<String>, String) {
    let wanted = Wanted { set, ..Wanted::default() };
    let text = format!("{HEAD}{body}");
    let translation = translate("flow.py", &text, &wanted).unwrap_or_else(|error| panic!("{body}\n{error}"));
    let steps = translation.spec.pipeline.iter().map(|step| {
        let json = serde_json::to_value(step).unwrap();
        match json.get("sometimes") {
            Some(own) => format!("sometimes {}", own.get("p").unwrap()),
            None => step.kind.key().to_owned(),
        }
    });
    (steps.collect(), translation.warnings.join("\n"))
}

fn steps(body: &str) -> String {
    read(body, &[]).0.join(" ")
}

#[test]
fn a_pipeline_is_applied_as_often_as_it_is_called() {
    for (made, call) in PIPELINES {
        for (ways, p) in [
            ("if random.random() < 0.3:\n    CALL\n  return x", "sometimes 0.3"),
            ("if np.random.rand() > 0.7:\n    CALL\n  return x", "sometimes 0.3"),
            ("if tf.random.uniform([]) < .3:\n    CALL\n  return x", "sometimes 0.3"),
            ("if torch.rand(1).item() < 0.3:\n    CALL\n  return x", "sometimes 0.3"),
            ("if random.randint(0, 1):\n    CALL\n  return x", "sometimes 0.5"),
            ("if random.random() > 0.3:\n    return x\n  CALL\n  return x", "sometimes 0.3"),
            ("if random.random() > 0.3:\n    pass\n  else:\n    CALL\n  return x", "sometimes 0.3"),
            (
                "r = random.random()\n  if r < .2:\n    pass\n  elif r < .6:\n    CALL\n  return x",
                "sometimes 0.4",
            ),
            ("if self.augment and random.random() < 0.3:\n    CALL\n  return x", "sometimes 0.3"),
            (
                "if random.random() < 0.5:\n    if random.random() < .5:\n      CALL\n  return x",
                "sometimes 0.25",
            ),
            (
                "for x in xs:\n    if random.random() > 0.3:\n      continue\n    CALL\n  return x",
                "sometimes 0.3",
            ),
        ] {
            let body = format!("{made}def f(x):\n  {}\n", ways.replace("CALL", call));
            let (steps, said) = read(&body, &[]);
            assert_eq!(steps.join(" "), p, "{body}\n{said}");
            assert!(said.contains("t is called only if this holds, with the probability"), "{body}\n{said}");
        }
        let always = format!("{made}def f(x):\n  {call}\n  return x\n");
        let (steps, said) = read(&always, &[]);
        assert!(steps.len() == 1 && !steps[0].contains("sometimes"), "{always}");
        assert!(!said.contains("only if this holds"), "{said}");
    }
}

/// Coins that are kept in variables and attributes, or come out of functions, are those of the condition.
#[test]
fn coins_may_be_kept() {
    for (made, call) in PIPELINES {
        for ways in [
            "go = random.random() < self.p\n    if go:\n      CALL\n    return x",
            "r = random.random()\n    go = r < self.p\n    if go and x.ndim == 3:\n      CALL\n    return x",
            "self.go = bool(np.random.rand() < self.p)\n    if self.go:\n      CALL\n    return x",
            "stay = torch.rand(1).item() > self.p\n    if stay:\n      return x\n    CALL\n    return x",
            "if self.tossed():\n      CALL\n    return x\n  def tossed(self):\n    return random.random() < self.p",
            "def tossed():\n      return random.random() < self.p\n    if tossed():\n      CALL\n    return x",
            "tossed = lambda: random.random() < self.p\n    if tossed():\n      CALL\n    return x",
            "go = True if random.random() < self.p else False\n    if go:\n      CALL\n    return x",
            "go = np.random.binomial(1, self.p)\n    if go:\n      CALL\n    return x",
            "go = 0\n    go += np.random.rand() < self.p\n    if go:\n      CALL\n    return x",
            "return self.under(x, random.random() < self.p)\n  def under(self, x, go):\n    if go:\n      CALL\n    return x",
        ] {
            let body = format!("{made}class D:\n  def f(self, x):\n    {}\n", ways.replace("CALL", call));
            let (all, said) = read(&body, &[]);
            assert!(all.len() == 1 && !all[0].contains("sometimes"), "{body}");
            assert!(said.contains("with a probability that is not known"), "{body}\n{said}");
        }
    }
    // What was looked up by a random number is none.
    for ways in [
        "x = load(random.choice(self.files))\n    if x.ndim == 3:\n      x = t(x)\n    return x",
        "name = random.choice(self.files)\n    x = load(name)\n    if name.endswith('png'):\n      x = t(x)\n    return x",
        "i = self.pick(random.randrange(9))\n    if i in self.known:\n      x = t(x)\n    return x",
    ] {
        let body = format!(
            "t = transforms.Compose([transforms.RandomRotation(9)])\nclass D:\n  def f(self, x):\n    {ways}\n"
        );
        let (all, said) = read(&body, &[]);
        assert!(all.len() == 1 && !said.contains("only if this holds"), "{body}\n{said}");
    }
}

/// Functions that take one of several truths, numbers and pipelines.
#[test]
fn one_of_several_is_taken() {
    for (test, p) in [
        ("random.choice([True, False])", "0.5"),
        ("random.choice([1, 0])", "0.5"),
        ("random.choice((0, 1, 2)) == 2", "0.333333333"),
        ("np.random.choice(4) < 1", "0.25"),
        ("np.random.choice([True, False], p=[.3, .7])", "0.3"),
        ("np.random.binomial(1, .3)", "0.3"),
        ("random.getrandbits(1)", "0.5"),
        ("random.randrange(10) < 3", "0.3"),
        ("random.randrange(1, 5) == 1", "0.25"),
    ] {
        for ways in [format!("if {test}:"), format!("go = {test}\n  if go:")] {
            let body = format!(
                "t = transforms.Compose([transforms.RandomRotation(9)])\ndef f(x):\n  {ways}\n    x = t(x)\n  return x\n"
            );
            assert_eq!(steps(&body), format!("sometimes {p}"), "{body}");
        }
    }
}

/// One of several pipelines is taken for each image.
#[test]
fn one_of_several_pipelines_is_taken() {
    for (made, [a, b], call) in [
        (
            "a = transforms.Compose([transforms.RandomRotation(9)])\nb = transforms.Compose([transforms.RandomInvert(1)])\n",
            ["torchvision.random_rotation", "invert"],
            "t(x)",
        ),
        ("a = iaa.Sequential([iaa.Add(3)])\nb = iaa.Multiply(2)\n", ["add", "multiply"], "t(image=x)"),
        (
            "a = iaa.Sequential([iaa.Add(3)])\nb = iaa.Multiply(2)\n",
            ["add", "multiply"],
            "t.augment_image(x)",
        ),
        ("a = A.Compose([A.Blur(p=1)])\nb = A.Transpose(p=1)\n", ["average_blur", "rot90"], "t(image=x)"),
        (
            "a = keras.Sequential([layers.RandomZoom(.1)])\nb = keras.Sequential([layers.RandomRotation(.1)])\n",
            ["keras.random_zoom", "keras.random_rotation"],
            "t(x)",
        ),
    ] {
        for (ways, p) in [
            ("t = random.choice([a, b])\n  return CALL", 0.5),
            ("t = random.choice(both)\n  return CALL", 0.5),
            ("t = np.random.choice([a, b], p=[.3, .7])\n  return CALL", 0.3),
            ("t = a if random.random() < .3 else b\n  return CALL", 0.3),
            ("if random.random() < .3:\n    t = a\n  else:\n    t = b\n  return CALL", 0.3),
        ] {
            let body = format!("{made}both = [a, b]\ndef f(x):\n  {}\n", ways.replace("CALL", call));
            let wanted = Wanted::default();
            let text = format!("{HEAD}{body}");
            let translation =
                translate("flow.py", &text, &wanted).unwrap_or_else(|error| panic!("{body}\n{error}"));
            let json = serde_json::to_value(&translation.spec.pipeline).unwrap();
            let [step] = json.as_array().unwrap().as_slice() else { panic!("{body}{json}") };
            let step = &step["one_of"];
            let weights = if p == 0.5 { json!(null) } else { json!([p, 1.0 - p]) };
            assert_eq!(step.get("weights").cloned().unwrap_or_default(), weights, "{body}{json}");
            let of = step.get("of").unwrap_or(step).as_array().unwrap();
            let [first, second] = of.as_slice() else { panic!("{body}{json}") };
            assert!(first.to_string().contains(a) && second.to_string().contains(b), "{body}{json}");
            assert!(translation.warnings.iter().any(|own| own.contains("for each image")), "{body}");
        }
    }
}

#[test]
fn expressions_and_classes_are_followed() {
    let zoom = "t = keras.Sequential([layers.RandomZoom(.1)])\n";
    for body in [
        format!("{zoom}def f(x):\n  return tf.cond(tf.random.uniform([]) < .3, lambda: t(x), lambda: x)\n"),
        format!("{zoom}def f(x):\n  return t(x) if tf.random.uniform([]) < .3 else x\n"),
        format!("{zoom}def f(x, y):\n  x = t(x) if tf.random.uniform([]) < .3 else x\n  return x, y\n"),
        format!("{zoom}def g(x):\n  return t(x)\ndef f(x):\n  if random.random() < .3:\n    x = g(x)\n  return x\n"),
        "class D:\n  def __init__(self):\n    self.t = A.Compose([A.Blur(p=1)])\n  def __getitem__(self, i):\n    x = load(i)\n    if random.random() < .3:\n      x = self.t(image=x)['image']\n    return x\n".to_owned(),
        "class D:\n  def __init__(self, t):\n    self.t = t\n  def __getitem__(self, i):\n    x = load(i)\n    if random.random() < .3:\n      x = self.t(image=x)['image']\n    return x\nd = D(A.Compose([A.Blur(p=1)]))\n".to_owned(),
        "def get():\n  return A.Compose([A.Blur(p=1)])\nt = get()\ndef f(x):\n  if random.random() < .3:\n    x = t(image=x)\n  return x\n".to_owned(),
        "def f(x):\n  if random.random() < .3:\n    x = tf.image.random_hue(x, .1)\n  return x\n".to_owned(),
        "def f(x):\n  if random.random() < .3:\n    return tf.image.random_hue(x, .1)\n  return x\n".to_owned(),
        "def f(x):\n  if random.random() > .3:\n    return x\n  x = tf.image.random_hue(x, .1)\n  return tf.image.random_contrast(x, .5, 1.)\n".to_owned(),
    ] {
        assert_eq!(steps(&body), "sometimes 0.3", "{body}");
    }
}

/// What goes on behind a model that a random number calls is one pipeline with it.
#[test]
fn a_model_and_steps_behind_it() {
    let zoom = "t = keras.Sequential([layers.RandomZoom(.1)])\n";
    for (body, expected) in [
        (
            "  if tf.random.uniform([]) < .3:\n    x = t(x)\n  x = tf.image.random_hue(x, .1)\n",
            "sometimes 0.3 random_hue",
        ),
        (
            "  x = t(x)\n  if tf.random.uniform([]) < .3:\n    x = tf.image.random_hue(x, .1)\n",
            "keras.random_zoom sometimes 0.3",
        ),
        (
            "  x = tf.image.random_hue(x, .1)\n  if tf.random.uniform([]) < .3:\n    x = t(x)\n",
            "random_hue sometimes 0.3",
        ),
        (
            "  x = t(x) if tf.random.uniform([]) < .3 else x\n  x = layers.RandomRotation(.1)(x)\n",
            "sometimes 0.3 keras.random_rotation",
        ),
    ] {
        let body = format!("{zoom}def f(x):\n{body}  return x\n");
        assert_eq!(steps(&body), expected, "{body}");
    }
}

#[test]
fn what_is_not_certain_is_told() {
    for (made, call) in PIPELINES {
        let body = format!(
            "{made}class D:\n  def f(self, x):\n    if random.random() < self.p:\n      {call}\n    return x\n"
        );
        let (all, said) = read(&body, &[]);
        assert!(all.len() == 1 && !all[0].contains("sometimes"), "{body}");
        assert!(said.contains("flow.py:13:") && said.contains("--set self.p=VALUE tells it"), "{said}");
        assert_eq!(read(&body, &["self.p=0.25".to_owned()]).0, ["sometimes 0.25"], "{body}");
        let body = format!(
            "{made}def f(x):\n  if random.random() < .5:\n    {call}\n  return x\ndef g(x):\n  {call}\n  return x\n"
        );
        let (all, said) = read(&body, &[]);
        assert!(all.len() == 1 && !all[0].contains("sometimes"), "{body}");
        assert!(said.contains("but is used elsewhere, too; here it is always applied"), "{said}");
        let body = format!("{made}def f(x):\n  if np.random.binomial(2, .5) > 1:\n    {call}\n  return x\n");
        assert!(read(&body, &[]).1.contains("with a probability that is not known"), "{body}");
    }
    let torn = format!(
        "{HEAD}t = keras.Sequential([layers.RandomZoom(.1)])\ndef f(x, p):\n  if tf.random.uniform([]) < p:\n    x = t(x)\n  return tf.image.random_hue(x, .1)\n"
    );
    let told = translate("flow.py", &torn, &Wanted::default()).unwrap_err();
    let told = crate::base::Explain::help(&told).unwrap_or_default();
    assert!(told.contains("--set p=VALUE"), "{told}");
    let hue =
        "def f(x, p):\n  if tf.random.uniform([]) < p:\n    x = tf.image.random_hue(x, .1)\n  return x\n";
    assert!(read(hue, &[]).1.contains("with a probability that is not known"));
    assert!(keys(&format!("{HEAD}{hue}"), &Wanted::default()).len() > 3);
}

/// A class around a pipeline, in a list of another library.
#[test]
fn classes_around_pipelines_toss_coins() {
    let body = "class Aug:\n  def __init__(self):\n    self.aug = iaa.Sequential([iaa.Add(3)])\n  def __call__(self, x):\n    if random.random() < .3:\n      return self.aug.augment_image(np.array(x))\n    return x\nt = transforms.Compose([Aug(), transforms.ToTensor()])\n";
    assert_eq!(steps(body), "sometimes 0.3");
}

/// A condition that is no coin says nothing of how often a pipeline is applied.
#[test]
fn other_conditions_are_no_coins() {
    for (made, call) in PIPELINES {
        for test in ["self.ready", "x is not None", "len(x) > 3", "i % 2 == 0"] {
            let body =
                format!("{made}class D:\n  def f(self, x, i):\n    if {test}:\n      {call}\n    return x\n");
            let (all, said) = read(&body, &[]);
            assert!(all.len() == 1 && !all[0].contains("sometimes"), "{body}");
            assert!(!said.contains("only if this holds"), "{body}\n{said}");
        }
        let both = format!(
            "{made}def f(x, y):\n  if random.random() < .3:\n    {call}\n    {}\n  return x, y\n",
            call.replace('x', "y")
        );
        assert_eq!(steps(&both), "sometimes 0.3", "{both}");
    }
}

/// Defaults that a probability was made of are told, and what is called may be chosen in the call.
#[test]
fn defaults_and_choices_decide_how_often() {
    let class = "class D:\n  def __init__(self, p=0.3):\n    self.p = p\n    self.t = A.Compose([A.Blur(p=1)])\n  def f(self, x):\n    if random.random() < self.p:\n      x = self.t(image=x)['image']\n    return x\n";
    let function = "t = A.Compose([A.Blur(p=1)])\ndef f(x, p=0.3):\n  if random.random() >= p:\n    return x\n  return t(image=x)\n";
    for body in [class, function] {
        let (all, said) = read(body, &[]);
        assert_eq!(all, ["sometimes 0.3"], "{body}");
        assert!(said.contains("is 0.3, its default; --set p=VALUE"), "{said}");
        assert_eq!(read(body, &["p=0.2".to_owned()]).0, ["sometimes 0.2"], "{body}");
    }
    let chosen = "a = transforms.Compose([transforms.RandomRotation(9)])\nb = transforms.Compose([transforms.ToTensor()])\ndef f(x):\n  return (a if torch.rand(1).item() < 0.3 else b)(x)\n";
    assert_eq!(steps(chosen), "sometimes 0.3");
}
