"""Reads a file of a report with an independent reader and prints what it holds as JSON.

    read.py openpyxl|calamine FILE   the sheets of a workbook: name, rows, and with openpyxl formulas, bars and fixed panes
    read.py csv FILE                 rows by heading
    read.py xml FILE                 element names with their numbers, and the texts of an SVG
    read.py html FILE                tag names with their numbers, addresses that would be loaded, and the text
"""

import collections
import csv
import html.parser
import json
import sys
import warnings
import xml.etree.ElementTree


def openpyxl_sheets(path):
    import openpyxl

    # It leaves out Excel's extension of data bars, whose plain form it reads.
    warnings.filterwarnings("ignore", message=".*[eE]xtension is not supported and will be removed")
    with open(path, "rb") as file:
        book = openpyxl.load_workbook(file)
    sheets = {}
    for sheet in book.worksheets:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        formulas = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        bars = sum(len(rules) for rules in sheet.conditional_formatting._cf_rules.values())
        sheets[sheet.title] = {
            "rows": rows,
            "formulas": formulas,
            "bars": bars,
            "panes": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
        }
    return sheets


def calamine_sheets(path):
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    return {name: {"rows": book.get_sheet_by_name(name).to_python(skip_empty_area=False)} for name in book.sheet_names}


def rows_of_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def svg(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    names = collections.Counter(element.tag.split("}")[-1] for element in root.iter())
    texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
    return {"names": names, "texts": texts, "root": root.attrib}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.names, self.loads, self.text, self.open = collections.Counter(), [], [], []

    def handle_starttag(self, tag, attrs):
        self.names[tag] += 1
        self.loads += [value for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]
        self.loads += [name for name, _ in attrs if name.startswith("on")]
        if tag not in ("meta", "br", "link", "img", "input", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.names[tag] += 1

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if self.open and self.open[-1] != "style" and data.strip():
            self.text.append(data.strip())


def page(path):
    reader = Page()
    with open(path, encoding="utf-8") as file:
        reader.feed(file.read())
    reader.close()
    assert not reader.open, f"not closed: {reader.open}"
    return {"names": reader.names, "loads": reader.loads, "text": reader.text}


READERS = {
    "openpyxl": openpyxl_sheets,
    "calamine": calamine_sheets,
    "csv": rows_of_csv,
    "xml": svg,
    "html": page,
}

if __name__ == "__main__":
    json.dump(READERS[sys.argv[1]](sys.argv[2]), sys.stdout, default=str)
