//! What to do about each failure, and its kind.

use crate::base::{Explain, Kind};

use super::LeafError;

impl Explain for LeafError {
    fn kind(&self) -> Kind {
        match self {
            Self::Splits { .. }
            | Self::NoList { .. }
            | Self::LabelColumn { .. }
            | Self::NoTable { .. }
            | Self::Classes { .. }
            | Self::TextClasses { .. }
            | Self::ListedClasses { .. }
            | Self::LabelFile { .. } => Kind::Usage,
            Self::ClassFolders { .. }
            | Self::Pictures { .. }
            | Self::Changed { .. }
            | Self::ListSize { .. }
            | Self::ListLine { .. }
            | Self::ListOutside { .. }
            | Self::ListTwice { .. }
            | Self::ListClasses { .. }
            | Self::ListedElsewhere { .. }
            | Self::ListAmbiguous { .. }
            | Self::ListFolders { .. }
            | Self::Sets { .. }
            | Self::Ambiguous { .. }
            | Self::LabelsOfMat { .. }
            | Self::OneMore { .. }
            | Self::PixelsAsText { .. }
            | Self::NamesOfPictures { .. }
            | Self::Columns { .. }
            | Self::IdTwice { .. }
            | Self::IdMissing { .. }
            | Self::Tables { .. }
            | Self::Flags { .. }
            | Self::Beyond { .. }
            | Self::ClassList { .. }
            | Self::LabelSets { .. }
            | Self::OneArray { .. }
            | Self::Names { .. }
            | Self::NamesOfMat { .. }
            | Self::SplitsOfMat { .. }
            | Self::NoLabels { .. }
            | Self::Counts { .. }
            | Self::StoredLabel { .. }
            | Self::StoredValue { .. }
            | Self::StoredList { .. }
            | Self::StoredPicture { .. } => Kind::Data,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::ClassFolders { .. } => "a class id is a byte; put the pictures into fewer folders",
            Self::Splits { folder } => {
                return Some(format!(
                    "name the folder of one, for instance {}",
                    folder.join("train").display()
                ));
            }
            Self::Pictures { .. } => "get these files again, or move them to another folder",
            Self::Changed { .. } => "leave the pictures alone while they are read, and run the command again",
            Self::ListSize { .. } | Self::ListLine { .. } => {
                "write one JSON object a line, with file_name and label"
            }
            Self::ListOutside { .. } => {
                "write names of pictures that lie beside the list, or in folders there"
            }
            Self::ListTwice { .. } => "leave one of the two rows",
            Self::NoList { .. } => {
                "write a table with the columns filename and label, and a row for each picture"
            }
            Self::ListedElsewhere { .. } => {
                "write the names that the pictures have; to read them without labels, move the list to another folder"
            }
            Self::ListAmbiguous { .. } => "write the folder as well, from where the list lies: train/0.png",
            Self::ListFolders { .. } => "write the labels as the class folders are called",
            Self::Sets { first, second, .. } => {
                return Some(format!(
                    "name one of them: --input {}; to put them together, name each: --input {0} --input {}",
                    first.display(),
                    second.display()
                ));
            }
            Self::ListClasses { .. } => "call the column of labels `label`; this one may hold something else",
            Self::Ambiguous { .. } => "say --shape HxWxC, or write a header: label,pixel0,pixel1,...",
            Self::LabelColumn { .. } => {
                "name a column as the header does, or say first, last, or its number from 1 on"
            }
            Self::NoTable { .. } => "leave it out",
            Self::NamesOfPictures { .. } => {
                "name the folder of these pictures; a list in it gives their labels"
            }
            Self::Columns { .. } => "say --shape HxWxC (HxWx1 for gray images)",
            Self::IdTwice { .. } | Self::IdMissing { .. } => {
                "the two tables belong to different data sets or one is damaged; get both again"
            }
            Self::Tables { .. } => {
                "name the one that is meant with --input; if the other one holds its labels, add it as --label-file"
            }
            Self::Classes { .. } => "leave --classes out; the names say it",
            Self::TextClasses { .. } => "name the column of labels with --label-column",
            Self::Flags { .. } => {
                "write one class id for each image, or 0 and 1 for each class; if one of the columns is the label, name it with --label-column"
            }
            Self::Beyond { .. } => {
                "say --classes N, or put the names of all classes, one a line, into classes.txt beside the file"
            }
            Self::OneArray { .. } => {
                "name a file of one array with --label-file, or a file of images and labels alone"
            }
            Self::LabelFile { .. } => "leave --label-file out; labels are looked for in the same file",
            Self::LabelsOfMat { what: "a text", .. } => {
                "save them as numbers in MATLAB: y = double(y) - double('0') for digits; [~, ~, y] = unique(y) for names"
            }
            Self::LabelsOfMat { .. } => "save them as an array of numbers in MATLAB, with full() or double()",
            Self::OneMore { .. } => {
                "if a first row was taken for names of columns when the tables were read, read the originals with header=None and write both again; if the first label has no image, leave it out"
            }
            Self::PixelsAsText { how, .. } if how.contains("LIBSVM") => {
                "read it with sklearn.datasets.load_svmlight_file(file, n_features=784) and save arrays: numpy.savez(\"data.npz\", x_train=X.toarray(), y_train=y)"
            }
            Self::PixelsAsText { .. } => {
                "split the text in pandas and save arrays: numpy.savez(\"data.npz\", x_train=numpy.array([t.strip(\"[]\").replace(\",\", \" \").split() for t in table.pixels], dtype=\"uint8\"), y_train=table.label)"
            }
            Self::Names { .. } => {
                "save the arrays under these names: numpy.savez(file, x_train=..., y_train=..., x_test=..., y_test=...)"
            }
            Self::SplitsOfMat { .. } => {
                "name one of the files, or call them by their splits, such as train.mat and test.mat, or train_32x32.mat as SVHN has it"
            }
            Self::NamesOfMat { others, .. } if others.values().any(|what| *what == "a sparse matrix") => {
                "save sparse matrices as full ones: X = full(X); save(file, 'X', 'y', '-v7')"
            }
            Self::NamesOfMat { others, .. } if others.values().any(|what| *what == "a cell array") => {
                "save cells as one array: X = cat(3, X{:}); save(file, 'X', 'y', '-v7')"
            }
            Self::NamesOfMat { .. } => {
                "save the arrays under these names in MATLAB: save(file, 'x_train', 'y_train', '-v7')"
            }
            Self::NoLabels { name, .. } => return Some(format!("save the labels as {name:?}")),
            Self::Counts { .. } => "the two arrays belong to different data sets or one is cut off",
            Self::StoredLabel { .. } | Self::StoredValue { .. } | Self::StoredPicture { .. } => {
                "run the command that made the data set again; it makes files that are damaged anew"
            }
            Self::StoredList { .. } => "run the command that made the data set again",
            Self::ListedClasses { .. } | Self::ClassList { .. } => {
                "write the names of all classes into it, one a line, or leave --classes out"
            }
            Self::LabelSets { .. } => "leave --classes out, or give every class a name in classes.txt",
        };
        Some(help.into())
    }
}
