"""From what tmux says is on a screen to a picture of it."""

import re
import unicodedata

from PIL import Image, ImageDraw, ImageFont

FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono"
SIZE = 18
MARGIN = 14
DARK = {"back": "#16181d", "fore": "#d8dbe2"}
LIGHT = {"back": "#fbfbf8", "fore": "#24262b"}
# The 16 colours as a usual terminal shows them, for either background.
COLOURS = {
    "dark": ["#16181d", "#ef6b73", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dbe2",
             "#5c6370", "#ef6b73", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff"],
    "light": ["#24262b", "#b3261e", "#2c6e2f", "#8a5a00", "#1d5fa8", "#8a2f8f", "#0f6b75", "#6b6e76",
              "#8b8e96", "#b3261e", "#2c6e2f", "#8a5a00", "#1d5fa8", "#8a2f8f", "#0f6b75", "#24262b"],
}  # fmt: skip
SGR = re.compile(r"\x1b\[([0-9;:]*)m")


class Style:
    def __init__(self):
        self.fore = self.back = None
        self.bold = self.dim = self.reverse = self.underline = False

    def apply(self, numbers):
        numbers = iter(numbers)
        for n in numbers:
            if n == 0:
                self.__init__()
            elif n in (1, 2, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 4: "underline", 7: "reverse"}[n], True)
            elif n == 22:
                self.bold = self.dim = False
            elif n in (24, 27):
                setattr(self, {24: "underline", 27: "reverse"}[n], False)
            elif n in (38, 48):
                setattr(self, "fore" if n == 38 else "back", colour(numbers))
            elif n in (39, 49):
                setattr(self, "fore" if n == 39 else "back", None)
            elif 30 <= n <= 37 or 90 <= n <= 97:
                self.fore = n - 30 if n < 90 else n - 82
            elif 40 <= n <= 47 or 100 <= n <= 107:
                self.back = n - 40 if n < 100 else n - 92


def colour(numbers):
    """After 38 or 48: a colour of 256, or red, green and blue."""
    if next(numbers, 5) == 2:
        return "#{:02x}{:02x}{:02x}".format(*(next(numbers, 0) for _ in range(3)))
    n = next(numbers, 0)
    if n < 16:
        return n
    if n >= 232:
        return "#{0:02x}{0:02x}{0:02x}".format(8 + (n - 232) * 10)
    steps = [0, 95, 135, 175, 215, 255]
    n -= 16
    return "#{:02x}{:02x}{:02x}".format(steps[n // 36], steps[n // 6 % 6], steps[n % 6])


def mixed(one, other, share):
    parts = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (one, other)]
    return "#{:02x}{:02x}{:02x}".format(*(round(a * (1 - share) + b * share) for a, b in zip(*parts)))


def width(character):
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def draw(screen, columns, rows, path, theme="dark", cursor=None):
    """`screen`: lines with SGR sequences, as `tmux capture-pane -e` gives them. `cursor`: column and row."""
    plain, table = (DARK if theme == "dark" else LIGHT), COLOURS[theme]
    fonts = {bold: ImageFont.truetype(FONTS + ("-Bold" if bold else "") + ".ttf", SIZE) for bold in (False, True)}
    cell, line = round(fonts[False].getlength("M")), round(SIZE * 1.3)
    size = (columns * cell + 2 * MARGIN, rows * line + 2 * MARGIN)
    image = Image.new("RGB", size, plain["back"])
    canvas = ImageDraw.Draw(image)

    def shade(value, otherwise):
        return otherwise if value is None else table[value] if isinstance(value, int) else value

    style = Style()
    for row, text in enumerate(screen.split("\n")[:rows]):
        column = 0
        for i, part in enumerate(SGR.split(text)):
            if i % 2:
                style.apply([int(n or 0) for n in re.split("[;:]", part)])
                continue
            for character in part:
                wide = width(character)
                x, y = MARGIN + column * cell, MARGIN + row * line
                fore, back = shade(style.fore, plain["fore"]), shade(style.back, plain["back"])
                fore, back = (back, fore) if style.reverse else (fore, back)
                if (column, row) == cursor:
                    fore, back = plain["back"], plain["fore"]
                if style.dim:
                    fore = mixed(fore, back, 0.4)
                if back != plain["back"]:
                    canvas.rectangle((x, y, x + max(wide, 1) * cell - 1, y + line - 1), fill=back)
                canvas.text((x, y + 1), character, font=fonts[style.bold], fill=fore)
                if style.underline:
                    canvas.line((x, y + line - 3, x + cell * wide, y + line - 3), fill=fore)
                column += wide
        if cursor and cursor[1] == row and column <= cursor[0]:
            x, y = MARGIN + cursor[0] * cell, MARGIN + row * line
            canvas.rectangle((x, y, x + cell - 1, y + line - 1), fill=plain["fore"])
    image.quantize(64).save(path, optimize=True)
