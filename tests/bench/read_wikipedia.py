"""What a user would write: the pages of a dump by bz2 and xml.etree."""

import bz2
import sys
import xml.etree.ElementTree as ET

pages = size = 0
with bz2.open(sys.argv[1]) as file:
    for _, element in ET.iterparse(file):
        if element.tag.endswith("}page") or element.tag == "page":
            text = element.find(".//{*}text")
            size += len(text.text or "") if text is not None else 0
            pages += 1
            element.clear()
print(f"{pages} pages, {size} characters")
