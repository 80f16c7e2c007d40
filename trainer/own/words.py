"""What may be wrong with an upload, as an error with its place; the pages have the same sentences in every language."""

from typing import Any

WORDS = {
    "array_constant": "{array} is {value} in every row: there is nothing to predict. Choose another array.",
    "array_many_classes": "{array} has {classes} different values in {rows} rows: too few samples of each to learn "
    "from. Is it a number to predict, or the wrong array?",
    "array_one_class": "{array} has the value {value} in every row: a class needs another to be told from. Choose "
    "another array.",
    "array_too_many_classes": "{array} has more than {limit} different values: too many classes. Is it a number to "
    "predict, or the wrong array?",
    "arrays_differ": "{inputs} has {rows} rows and {targets} has {others}: every input needs its target.",
    "bad_image": "{file} cannot be read as an image. Take it out of the zip, or leave out what cannot be read.",
    "bad_option": "{option} = {value} is not one of: {choices}.",
    "bad_zip": "The zip file is damaged, or was cut off on its way: {reason}. Make it anew and upload that.",
    "categories": "{column} has more than {limit} different values: each would be an input of its own. Leave it out, "
    "or take it as a number.",
    "constant": "{column} is {value} in every row: there is nothing to predict. Choose another column.",
    "empty": "The file is empty.",
    "few_images": "{found} images were found; at least {least} are needed.",
    "few_rows": "{rows} rows can be used; at least {least} are needed.",
    "image_large": "{file} has {pixels} million pixels; at most {limit} million are taken. Make it smaller.",
    "image_missing": "There is no image in the zip that can be read: PNG, JPEG, WebP, GIF and BMP are.",
    "infinite": "{array} holds values that are NaN or infinite, {count} of them. Fill or drop them before you upload.",
    "large": "This would be {cells} numbers; at most {limit} are taken. Leave columns or rows out, or take smaller "
    "images.",
    "line_long": "Line {line} is longer than {limit} characters. Is this a table, with one sample a line?",
    "line_of_columns": "Line {line} has more than {columns} columns; at most {limit} are taken.",
    "many_classes": "{column} has {classes} different values in {rows} rows: too few samples of each to learn from. "
    "Is it a number to predict, or the wrong column?",
    "many_columns": "There are {columns} columns; at most {limit} are taken.",
    "memory": "Reading this takes more memory than it may. Upload less at once.",
    "hollow": "{column} is empty in every row that can be used. Leave it out.",
    "no_array": "There is no array called {name} in the file. There are: {names}.",
    "no_arrays": "There is no array in the file that can be read.",
    "no_column": "There is no column called {name}. There are: {names}.",
    "no_folders": "The images do not lie in folders: put those of each class into a folder with the name of the class.",
    "no_inputs": "No column is left to learn from. Take one as a number or a category.",
    "no_number": "Line {line} has {value} in {column}, which is no number. Take the column as a category, leave it "
    "out, or let what is no number count as missing.",
    "no_rows": "There is a first line and nothing below it.",
    "no_target": "Say which column is to be predicted.",
    "no_target_array": "Say which array holds the targets.",
    "no_target_values": "{column} is empty in all {rows} rows. Choose another column.",
    "not_here": "{title} is not on this machine yet. Start a run with it, and it is downloaded first: {size}.",
    "not_text": "This is not a text file. Upload a table as CSV, arrays as npz, or images in a zip.",
    "not_text_excel": "This is an Excel workbook. Save it as CSV (in Excel: Save as, CSV UTF-8) and upload that.",
    "not_text_html": "This is a web page or XML. Save the table that is in it as CSV and upload that.",
    "not_text_image": "This is an image. Put images into a zip, those of each class in a folder of its own.",
    "not_text_json": "This is JSON. Save it as CSV (in Python: pandas.read_json, then to_csv) and upload that.",
    "not_text_packed": "This is a packed file. Unpack it, and upload what is in it.",
    "not_text_pdf": "This is a PDF. Save the table that is in it as CSV and upload that.",
    "objects": "{array} holds Python objects, which could run code: they are never read. Save it as numbers.",
    "odd_dtype": "{array} holds {dtype}, which are no numbers that can be trained on. Save it as whole or real "
    "numbers, complex ones as their real and imaginary parts; or choose another array.",
    "odd_shape": "{array} has the shape {shape}. Inputs are (n,), (n, features), (n, height, width) or "
    "(n, channels, height, width).",
    "odd_text": "{array} holds characters that are no text. Save it anew.",
    "odd_targets": "{array} has the shape {shape}. Targets are one for each sample: (n,) or (n, 1).",
    "one_array": "There is only one array, {array}: an npz file needs inputs and targets. Save it anew with both.",
    "one_class": "{column} has the value {value} in every row: a class needs another to be told from. "
    "Choose another column.",
    "one_folder": "All images lie in one folder, {folder}: a class needs another to be told from.",
    "open_quote": "A cell that begins in line {line} is longer than {limit} characters. Is a quotation mark not "
    "closed?",
    "ragged": "Line {line} has {found} cells and the first line {wanted}. Is the separator right?",
    "too_many_files": "There are {files} files in the zip; at most {limit} are taken.",
    "unpacks_large": "{file} would be {size} unpacked; at most {limit} are taken.",
    "undecodable": "The file is not {encoding}: byte {byte} in line {line} means nothing in it. Choose another "
    "encoding.",
    "too_many_classes": "{column} has more than {limit} different values: too many classes. Is it a number to predict, "
    "or the wrong column?",
    "unreadable_array": "{array} cannot be read as an array. Save it anew, or choose another.",
    "vast": "{column} has {value} in line {line}, which is too large to compute with.",
}


class Unfit(ValueError):
    """What was uploaded cannot be taken as asked.

    `path` is its place: an option's name, `columns.<index>` for a column, "" for the file as a whole.
    """

    def __init__(self, path: str, key: str, **values: Any):
        self.path, self.key, self.values = path, key, values
        super().__init__(WORDS[key].format(**{name: said(value) for name, value in values.items()}))

    def problem(self) -> dict[str, Any]:
        """Return it as the API tells it: with its sentence, and with the key and values that a page translates."""
        values = {name: said(value) for name, value in self.values.items()}
        return {"path": self.path, "message": str(self), "key": self.key, "values": values}


def said(value: Any) -> str:
    """Return a value as it stands in a sentence, at most 60 characters of it."""
    if isinstance(value, list | tuple):
        listed = ", ".join(said(one) for one in value[:12])
        return f"{listed}, ..." if len(value) > 12 else listed
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def quoted(text: str) -> str:
    """Return a cell or a name in quotation marks, so that an empty one is seen."""
    return f"‘{said(text)}’"
