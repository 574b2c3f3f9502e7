"""The pictures of the demo shop: flat drawings on a sheet of 100 by 100, before hills that differ from item to item.

{a} is the item's colour, {b} its shade, {c} its light, {k} an accent. A drawing is a list of texts: one that starts with "?" is
there in every other item only, which with hills, sun, accent and side makes no two of a kind alike.
"""

SHADE = '<ellipse cx="50" cy="89" rx="38" ry="4" fill="#1B2333" opacity=".12"/>'
BODY = '<path d="M36 26c8 6 20 6 28 0l12 5c4 2 6 6 7 11l4 26-11 3-4-21v36H28V50l-4 21-11-3 4-26c1-5 3-9 7-11z" fill="{a}"/>'
CUFFS = '<path d="M13 68l11 3M87 68l-11 3" stroke="{b}" stroke-width="3"/><path d="M28 84h44" stroke="{b}" stroke-width="4"/>'
SLEEVES = '<path d="M28 50l-2-10M72 50l2-10" stroke="{b}" stroke-width="1.5"/>'
HOOD = '<path d="M36 27c0-17 28-17 28 0-6 8-22 8-28 0z" fill="{b}"/><path d="M42 26c1-8 15-8 16 0-4 4-12 4-16 0z" fill="#1B2333"/>'
YOKE = '?<path d="M24 31l12-5c8 7 20 7 28 0l12 5c4 2 5 5 6 9-18 5-46 5-64 0 1-4 2-7 6-9z" fill="{k}"/>'
ZIP = '<path d="M50 32v54" stroke="{c}" stroke-width="1.6"/>'
POCKETS = '<path d="M33 66l8-5M67 66l-8-5" stroke="{b}" stroke-width="2.4" stroke-linecap="round"/>'
SOLE = '<path d="M11 70h79c2 4 1 9-4 9H16c-5 0-7-5-5-9z" fill="#2B2F36"/><path d="M14 81h72" stroke="#2B2F36" stroke-width="3" stroke-dasharray="5 2"/>'
TOE = '<path d="M73 57c11 1 17 5 16 13H69c0-6 1-10 4-13z" fill="{b}"/>'
SOCK = 'd="M0 0h17v34c0 5 4 8 10 12 9 6 8 18-3 18-8 0-22-9-24-20z"'


def sock(x, y, fill, tall):
    top = "" if tall else "translate(0 12)"
    rest = "" if tall else "scale(1 .82)"
    return (f'<g transform="translate({x} {y}){top}{rest}"><path {SOCK} fill="{fill}"/><path d="M0 4h17M0 9h17" stroke="{{k}}" '
            'stroke-width="2.5"/><path d="M19 63c10 3 17-6 12-14-7 2-11 7-12 14zM1 46c6-2 10-6 11-12L0 33z" fill="{b}" opacity=".7"/></g>')


def pole(x, turn, fill):
    return (f'<g transform="rotate({turn} {x} 50)"><path d="M{x} 26v58" stroke="{fill}" stroke-width="3"/>'
            f'<path d="M{x} 52v34" stroke="#8A93A0" stroke-width="2.2"/><rect x="{x - 3}" y="10" width="6" height="20" rx="3" fill="#2B2F36"/>'
            f'<path d="M{x} 14q10 4 2 12" stroke="{{b}}" stroke-width="1.8"/><path d="M{x - 6} 80h12" stroke="{{k}}" stroke-width="3"/>'
            f'<path d="M{x - 3} 50h6" stroke="{{k}}" stroke-width="4"/></g>')


DRAWINGS = {
    "shoe": [SHADE, '<path d="M14 71c0-12 2-24 6-30 6 4 13 4 18-2 5-2 9-1 12 4 6 9 16 13 28 15 9 1 12 6 11 13z" fill="{a}"/>', TOE, SOLE,
             '<path d="M20 41c6 4 13 4 18-2l-2-5c-5 4-11 4-16 2z" fill="{b}"/>',
             '<path d="M43 45l8-5M47 50l8-5M53 54l7-5" stroke="{c}" stroke-width="2.4" stroke-linecap="round"/>',
             '?<path d="M28 68c5-9 10-13 18-15M36 68c4-6 8-9 14-11" stroke="{k}" stroke-width="2.6"/>',
             '<path d="M15 60c10 3 20 2 26 9H14z" fill="{b}" opacity=".6"/>'],
    "runner": [SHADE, '<path d="M12 70c0-12 1-20 5-26 7 5 15 3 20-4 5 1 7 3 10 8 6 8 18 10 30 13 9 2 13 5 13 11z" fill="{a}"/>',
               '<path d="M10 68c24 3 50-2 80 2 3 6-1 11-7 11H18c-6 0-10-7-8-13z" fill="{c}"/>'
               '<path d="M13 81h74" stroke="{k}" stroke-width="3.4" stroke-dasharray="6 2"/>',
               '<path d="M24 66c3-10 8-16 14-18M34 66c2-8 5-12 10-14M44 66c2-5 4-8 8-10" stroke="{k}" stroke-width="3"/>',
               '<path d="M41 47l7-5M46 52l7-5M52 56l7-5" stroke="#fff" stroke-width="2" stroke-linecap="round"/>',
               '<path d="M78 61c8 2 12 5 12 9l-16 0c0-4 1-7 4-9z" fill="{b}"/>'],
    "boot": [SHADE, '<path d="M17 71c0-16 3-34 3-47h22c0 12 2 19 9 23 8 5 19 8 28 11 8 2 11 6 10 13z" fill="{a}"/>', TOE, SOLE,
             '<rect x="18" y="21" width="26" height="8" rx="4" fill="{b}"/>',
             '<path d="M37 34h8M38 40h8M41 46h8M47 51l7-4M54 55l6-5" stroke="{c}" stroke-width="2.4" stroke-linecap="round"/>',
             '?<path d="M22 66c2-14 4-22 12-28" stroke="{k}" stroke-width="3"/>',
             '<path d="M18 62c12 0 20 3 24 9H17z" fill="{b}" opacity=".6"/>'],
    "snowboot": [SHADE, '<path d="M17 71c0-18 2-36 2-50h26c0 14 3 22 10 27 8 5 18 8 25 11 7 2 10 6 9 12z" fill="{a}"/>',
                 '<path d="M12 66c20-4 50-4 78 2 2 6 0 11-5 11H17c-5 0-7-7-5-13z" fill="#2B2F36"/><path d="M14 81h72" stroke="#2B2F36" stroke-width="4" '
                 'stroke-dasharray="8 3"/><path d="M16 24c3-8 29-8 32 0 1 6-33 6-32 0z" fill="#F3EEE3"/>',
                 '<path d="M22 42h24M24 52h30" stroke="{k}" stroke-width="4"/><rect x="38" y="39" width="7" height="6" rx="1" fill="{b}"/>'],
    "sandal": [SHADE, '<path d="M22 70c2-18 16-22 26-2M54 70c4-16 20-18 28-2M34 58c8-14 24-14 32 0" stroke="{a}" stroke-width="6.5"/>',
               '<path d="M24 68c-4-14-2-24 6-30" stroke="{b}" stroke-width="6"/>',
               '<path d="M11 70c24-5 52 2 78-3 4 7 0 14-8 14H20c-9 0-12-5-9-11z" fill="{b}"/><path d="M13 81h74" stroke="#2B2F36" stroke-width="4" '
               'stroke-dasharray="5 2"/>', '<rect x="42" y="46" width="9" height="7" rx="2" fill="{k}"/><rect x="67" y="52" width="8" height="6" rx="2" fill="{k}"/>'],
    "shell": [SHADE, BODY, YOKE, HOOD, ZIP, POCKETS, SLEEVES, CUFFS, '?<path d="M58 50h8" stroke="{k}" stroke-width="2"/>'],
    "down": [SHADE, BODY, '<path d="M18 42c20 6 44 6 64 0M28 53c14 4 30 4 44 0M28 63c14 4 30 4 44 0M28 73c14 4 30 4 44 0M15 52l11 3M85 52l-11 3M14 61l11 3M86 '
             '61l-11 3" stroke="{b}" stroke-width="1.8"/><path d="M38 28c8 5 16 5 24 0v-9c-8-3-16-3-24 0z" fill="{b}"/>', ZIP, CUFFS,
             '?<rect x="56" y="44" width="8" height="6" rx="1" fill="{k}"/>'],
    "fleece": [SHADE, BODY, '<path d="M38 29c8 5 16 5 24 0v-11c-8-3-16-3-24 0z" fill="{b}"/><path d="M50 20v32" stroke="{k}" stroke-width="2"/>'
               '<path d="M30 50h12v12H30z" fill="{k}" opacity=".85"/><path d="M30 53h12" stroke="{b}" stroke-width="1.5"/>',
               '<path d="M58 60h.1M64 66h.1M56 72h.1M34 72h.1M42 78h.1M64 78h.1M22 54h.1M78 54h.1M60 50h.1M44 68h.1" stroke="{c}" stroke-width="3" '
               'stroke-linecap="round"/>', SLEEVES, CUFFS],
    "wind": [SHADE, BODY, '<path d="M28 56l44-20v50H28z" fill="{k}" opacity=".9"/>', HOOD, ZIP, SLEEVES, CUFFS, '<path d="M34 74h9M66 74h-9" stroke="{b}" stroke-width="2"/>'],
    "tee": [SHADE, '<path d="M36 24c6 8 22 8 28 0l21 13-9 15-7-4v38H31V48l-7 4-9-15z" fill="{a}"/><path d="M36 24c6 8 22 8 28 0" stroke="{b}" '
            'stroke-width="3"/>', '<path d="M37 62l9-14 5 7 4-5 8 12z" fill="{k}"/>', '?<circle cx="57" cy="46" r="3" fill="{c}"/>',
            '<path d="M24 52l-9-15M76 52l9-15" stroke="{b}" stroke-width="2"/><path d="M31 83h38" stroke="{b}" stroke-width="2"/>'],
    "base": [SHADE, BODY, '<path d="M36 26c8 8 20 8 28 0" stroke="{b}" stroke-width="3.5"/><path d="M30 34c4 14 4 30 0 50M70 34c-4 14-4 30 0 50" '
             'stroke="{c}" stroke-width="1.6"/>', '?<path d="M22 40l-4 14M78 40l4 14" stroke="{k}" stroke-width="5"/>', '<path d="M44 46h12" stroke="{k}" stroke-width="2.5"/>', CUFFS],
    "shirt": [SHADE, BODY, '<path d="M35 34v50M42 36v48M58 36v48M65 34v50M28 46h44M28 56h44M28 66h44M28 76h44M18 46l8 2M82 46l-8 2M16 56l9 2M84 56l-9 2" '
              'stroke="{k}" stroke-width="2" opacity=".6"/>', '<path d="M36 26l6-5 8 9 8-9 6 5-6 10-8-6-8 6z" fill="{b}"/><path d="M50 32v54" stroke="{b}" stroke-width="2"/>'
              '<path d="M50 42v.1M50 54v.1M50 66v.1M50 78v.1" stroke="#fff" stroke-width="3" stroke-linecap="round"/>', CUFFS],
    "trousers": [SHADE, '<path d="M33 14h34l7 73H57l-7-46-7 46H26z" fill="{a}"/><path d="M33 14h34l1 7H32z" fill="{b}"/>',
                 '<path d="M37 22l-5 12M63 22l5 12M50 22v18" stroke="{b}" stroke-width="2"/>', '?<path d="M30 54l15 2M70 54l-15 2" stroke="{k}" stroke-width="2.4"/>',
                 '<path d="M29 62h9v9h-9zM71 62h-9v9h9z" fill="{b}" opacity=".7"/><rect x="47" y="15" width="6" height="5" rx="1" fill="{k}"/>'],
    "shorts": [SHADE, '<path d="M28 24h44l9 44H56l-6-18-6 18H19z" fill="{a}"/><path d="M28 24h44l1.5 8h-47z" fill="{b}"/>',
               '<path d="M33 32l-5 16M67 32l5 16M50 32v18" stroke="{b}" stroke-width="2"/><path d="M19 66h25M56 66h25" stroke="{b}" stroke-width="3"/>',
               '<path d="M44 32q2 9 6 2 4 7 6-2" stroke="{k}" stroke-width="2"/>', '?<path d="M24 50h10v10H22z" fill="{k}" opacity=".8"/>'],
    "tights": [SHADE, '<path d="M35 13h30c4 22 4 48 0 74H54l-4-44-4 44H35c-4-26-4-52 0-74z" fill="{a}"/><path d="M35 13h30l1 8H34z" fill="{b}"/>',
               '<path d="M34 30c4 18 4 38 2 56M66 30c-4 18-4 38-2 56" stroke="{k}" stroke-width="2.4"/>', '<path d="M36 58c4 4 8 4 10 0M54 58c2 4 6 4 10 0" stroke="{b}" stroke-width="2"/>'],
    "socks": [SHADE, sock(46, 18, "{b}", True), sock(28, 22, "{a}", True)],
    "lowsocks": [SHADE, sock(46, 18, "{b}", False), sock(28, 22, "{a}", False)],
    "beanie": [SHADE, '<path d="M22 64c0-44 56-44 56 0z" fill="{a}"/><path d="M34 62c0-18 4-28 10-32M50 62V30M66 62c0-18-4-28-10-32" stroke="{b}" stroke-width="2"/>'
               '<path d="M24 50c16-5 36-5 52 0" stroke="{k}" stroke-width="5"/><rect x="17" y="60" width="66" height="17" rx="7" fill="{b}"/>'
               '<path d="M26 63v11M35 63v11M44 63v11M53 63v11M62 63v11M71 63v11" stroke="{a}" stroke-width="2"/>', '?<circle cx="50" cy="27" r="9" fill="{k}"/>'],
    "cap": [SHADE, '<path d="M20 64c0-40 54-42 56-4z" fill="{a}"/><path d="M56 62c16-6 36-2 38 8-12 1-26-2-38-2-14 0-26 1-36-1v-5z" fill="{b}"/>',
            '<path d="M48 34v28M48 34c10 4 14 14 15 26M48 34c-12 4-16 14-17 28" stroke="{b}" stroke-width="1.6"/><circle cx="48" cy="33" r="2.5" fill="{k}"/>',
            '<path d="M52 57l6-9 4 5 2-3 5 7z" fill="{k}"/>'],
    "gloves": [SHADE, '<path d="M36 84V60L25 48c-4-6 3-11 8-6l7 7V23c0-6 8-6 8 0v19-23c0-6 8-6 8 0v23-19c0-6 8-6 8 0v24-14c0-6 8-6 8 0v28c0 9-5 14-5 23z" fill="{a}"/>'
               '<rect x="33" y="76" width="37" height="13" rx="4" fill="{b}"/><path d="M33 80h37" stroke="{k}" stroke-width="2.5"/>',
               '<path d="M44 56c6 6 14 6 20 0M44 62c6 6 14 6 20 0" stroke="{b}" stroke-width="2"/>', '?<path d="M44 24v6M52 20v6M60 24v6" stroke="{k}" stroke-width="3"/>'],
    "daypack": [SHADE, '<path d="M44 20c0-10 12-10 12 0" stroke="{b}" stroke-width="3.5"/><path d="M27 40c0-26 46-26 46 0l4 41c0 5-3 8-8 8H31c-5 0-8-3-8-8z" fill="{a}"/>'
                '<path d="M27 40c0-26 46-26 46 0-12 8-34 8-46 0z" fill="{b}"/>', '<path d="M32 58h36l3 22c0 4-2 5-5 5H34c-3 0-5-1-5-5z" fill="{c}"/><path d="M33 63h34" stroke="{b}" stroke-width="2"/>',
                '<path d="M39 43v15M61 43v15" stroke="{k}" stroke-width="3"/>', '?<path d="M24 66l-6 4v12l6 2M76 66l6 4v12l-6 2" fill="{b}"/>', '<path d="M44 30l4-6 3 4 2-2 4 5z" fill="{k}"/>'],
    "trekpack": [SHADE, '<rect x="24" y="76" width="52" height="13" rx="6.5" fill="{k}"/><path d="M34 76v13M66 76v13" stroke="#2B2F36" stroke-width="2.5"/>'
                 '<path d="M30 26h40l5 50H25z" fill="{a}"/><path d="M27 30c0-18 10-20 23-20s23 2 23 20c-14 5-32 5-46 0z" fill="{b}"/>',
                 '<path d="M38 32v44M62 32v44" stroke="{c}" stroke-width="2.5"/><path d="M30 48h40" stroke="{b}" stroke-width="2"/><rect x="40" y="52" width="20" height="20" rx="4" fill="{b}"/>',
                 '<path d="M25 50l-7 5v18l7 3M75 50l7 5v18l-7 3" fill="{b}"/><path d="M43 58h14" stroke="{k}" stroke-width="2"/>', '?<path d="M74 22v52" stroke="#8A93A0" stroke-width="2.5"/>'],
    "vest": [SHADE, '<path d="M32 16c2 18 6 26 18 26s16-8 18-26l11 5c5 18 3 38-2 60H57V54H43v27H23c-5-22-7-42-2-60z" fill="{a}"/>',
             '<path d="M26 46h14v22H28zM74 46H60v22h12z" fill="{b}"/><path d="M29 36h8v20h-8zM63 36h8v20h-8z" fill="#CFE6EE"/><path d="M31 31h4v5h-4zM65 31h4v5h-4z" fill="#2B2F36"/>',
             '<path d="M41 50h18M43 60h14" stroke="{k}" stroke-width="3"/>', '?<path d="M24 74h18M58 74h18" stroke="{k}" stroke-width="2"/>'],
    "drybag": [SHADE, '<path d="M28 30h44v46c0 8-4 12-10 12H38c-6 0-10-4-10-12z" fill="{a}"/><path d="M25 18h50v12H25z" fill="{b}"/><path d="M25 24h50" stroke="{c}" stroke-width="1.5"/>'
               '<path d="M28 52h44v8H28z" fill="{k}"/>', '<path d="M32 34v48" stroke="{c}" stroke-width="3" opacity=".7"/><rect x="70" y="20" width="9" height="8" rx="2" fill="#2B2F36"/>',
               '?<path d="M44 68l5-8 3 4 2-2 4 6z" fill="#fff"/>'],
    "tent": ['<ellipse cx="50" cy="82" rx="46" ry="5" fill="#1B2333" opacity=".14"/><path d="M7 80c10-38 30-54 43-56 13 2 33 18 43 56z" fill="{a}"/><path d="M50 24c10 12 16 34 18 56H32c2-22 8-44 18-56z" fill="{c}"/>',
             '<path d="M50 30c6 12 9 30 10 50H40c1-20 4-38 10-50z" fill="#2B2F36"/><path d="M50 30c-6 12-9 30-10 50h-6c3-20 8-38 16-50z" fill="{k}"/>',
             '<path d="M22 49c8-4 14-4 20-2M78 49c-8-4-14-4-20-2" stroke="{b}" stroke-width="2"/><path d="M50 24C34 34 20 54 13 80M50 24c16 10 30 30 37 56" stroke="{b}" stroke-width="2"/>',
             '<path d="M20 52L3 82M80 52l17 30" stroke="#2B2F36" stroke-width="1"/>'],
    "lighttent": ['<ellipse cx="50" cy="82" rx="46" ry="5" fill="#1B2333" opacity=".14"/><path d="M6 80l36-48 52 48z" fill="{a}"/><path d="M42 32L26 80h34z" fill="{c}"/><path d="M42 38l-9 42h18z" fill="#2B2F36"/>',
                  '<path d="M42 38l9 42h7z" fill="{k}"/>', '<path d="M42 32L6 80M42 32l52 48" stroke="{b}" stroke-width="2.5"/><path d="M68 56l10 24" stroke="{b}" stroke-width="1.5"/>',
                  '?<path d="M42 32L96 62" stroke="#2B2F36" stroke-width="1"/>', '<path d="M41 32v-5" stroke="#2B2F36" stroke-width="2"/>'],
    "tarp": ['<ellipse cx="50" cy="84" rx="40" ry="4" fill="#1B2333" opacity=".14"/><path d="M22 46v38M78 46v38" stroke="#8A93A0" stroke-width="2.5"/><path d="M6 46l44-24 44 24-14 4-30-14-30 14z" fill="{a}"/>'
             '<path d="M50 22L34 43l16-7 16 7z" fill="{c}"/><path d="M6 46l44-24 44 24" stroke="{b}" stroke-width="2"/>', '<path d="M22 48L4 84M78 48l18 36" stroke="#2B2F36" stroke-width="1"/>',
             '<rect x="36" y="74" width="28" height="8" rx="3" fill="{k}"/><path d="M40 82v4M60 82v4" stroke="#2B2F36" stroke-width="2"/>'],
    "sleeping": ['<path d="M37 9c26-5 36 9 34 30l-6 43c-2 11-28 11-30 0l-6-43c-2-16 0-28 8-30z" fill="{a}"/><ellipse cx="50" cy="25" rx="13" ry="11" fill="{b}"/><ellipse cx="50" cy="27" rx="8" ry="7" fill="#F3EEE3"/>',
                 '<path d="M30 44c12 5 28 5 40 0M31 54c12 5 26 5 38 0M33 64c10 5 24 5 34 0M34 74c10 5 22 5 32 0" stroke="{b}" stroke-width="1.8"/>', '<path d="M64 36l-3 46" stroke="{k}" stroke-width="2"/>',
                 '?<path d="M44 86h12" stroke="{k}" stroke-width="3"/>'],
    "mat": [SHADE, '<path d="M30 12h40c4 0 6 2 6 6v58H24V18c0-4 2-6 6-6z" fill="{a}"/><path d="M24 24h52M24 34h52M24 44h52M24 54h52M24 64h52" stroke="{b}" stroke-width="2"/>'
            '<ellipse cx="50" cy="78" rx="29" ry="9" fill="{b}"/><path d="M30 78c6-6 34-6 40 0-6 5-28 5-32 0 6-3 16-3 20 0" stroke="{c}" stroke-width="2"/>',
            '<circle cx="68" cy="18" r="3" fill="{k}"/>', '?<path d="M36 14v50M64 14v50" stroke="{c}" stroke-width="1" opacity=".7"/>'],
    "pillow": [SHADE, '<path d="M14 42c-2-12 8-12 18-9 12 3 24 3 36 0 10-3 20-3 18 9-3 12-3 18 0 30 2 12-8 11-18 8-12-3-24-3-36 0-10 3-20 4-18-8 3-12 3-18 0-30z" fill="{a}"/>'
               '<path d="M22 44c18 5 38 5 56 0M22 68c18-5 38-5 56 0" stroke="{b}" stroke-width="2"/>', '<path d="M32 56h36" stroke="{c}" stroke-width="8" stroke-linecap="round" opacity=".6"/>',
               '?<rect x="78" y="50" width="8" height="11" rx="1" fill="{k}"/>'],
    "hammock": ['<rect x="7" y="8" width="9" height="80" rx="3" fill="#8B6B4A"/><rect x="84" y="8" width="9" height="80" rx="3" fill="#8B6B4A"/><ellipse cx="50" cy="88" rx="44" ry="4" fill="#1B2333" opacity=".12"/>'
                '<path d="M16 26c14 60 54 60 68 0l-6 20c-16 26-40 26-56 0z" fill="{b}"/><path d="M21 46c14 30 44 30 58 0-4 38-54 38-58 0z" fill="{a}"/>',
                '<path d="M16 26l6 22M84 26l-6 22" stroke="#2B2F36" stroke-width="2"/><path d="M36 60c2 6 4 10 6 13M64 60c-2 6-4 10-6 13" stroke="{k}" stroke-width="3"/>'],
    "stove": [SHADE, '<path d="M30 62c0-6 40-6 40 0v20c0 8-40 8-40 0z" fill="{a}"/><ellipse cx="50" cy="61" rx="20" ry="5" fill="{c}"/><path d="M30 70h40v7H30z" fill="{k}"/>'
              '<path d="M47 44h6v16h-6z" fill="#8A93A0"/><path d="M36 40h28l-5 7H41z" fill="#4A5260"/><path d="M34 30l4 11M66 30l-4 11M28 30h12M60 30h12" stroke="#4A5260" stroke-width="2.5"/>',
              '<path d="M50 14c9 10 8 16 4 24h-8c-5-8-3-14 4-24z" fill="#F0A33B"/><path d="M50 24c4 5 4 9 2 14h-4c-2-5-2-9 2-14z" fill="#E4572E"/>', '?<path d="M53 54h14" stroke="#2B2F36" stroke-width="2"/>'],
    "pot": [SHADE, '<path d="M20 44h60v30c0 9-4 13-11 13H31c-7 0-11-4-11-13z" fill="{a}"/><path d="M24 44h52v7H24z" fill="{b}"/><ellipse cx="50" cy="42" rx="32" ry="7" fill="{c}"/><ellipse cx="50" cy="40" rx="6" ry="3" fill="{k}"/>',
            '<path d="M80 52c14-2 14 24 0 22" stroke="#2B2F36" stroke-width="3.5"/><path d="M28 56v22" stroke="#fff" stroke-width="3" opacity=".35" stroke-linecap="round"/>',
            '<path d="M40 28q4-5 0-10M50 26q4-5 0-10M60 28q4-5 0-10" stroke="#8A93A0" stroke-width="2" fill="none" opacity=".7"/>'],
    "bottle": [SHADE, '<path d="M38 30h24c4 6 7 9 7 16v37c0 4-3 7-7 7H38c-4 0-7-3-7-7V46c0-7 3-10 7-16z" fill="{a}"/><path d="M39 14h22v16H39z" fill="{b}"/><path d="M44 14c0-9 12-9 12 0" stroke="{b}" stroke-width="3"/>'
               '<path d="M31 58h38v16H31z" fill="{k}"/><path d="M38 72l8-11 5 6 4-4 7 9z" fill="#fff" opacity=".85"/>', '<path d="M37 46v8M37 78v6" stroke="#fff" stroke-width="3.5" stroke-linecap="round" opacity=".5"/>',
               '?<path d="M39 22h22" stroke="{a}" stroke-width="2"/>'],
    "thermos": [SHADE, '<path d="M36 32h28v54c0 3-2 4-5 4H41c-3 0-5-1-5-4z" fill="{a}"/><path d="M36 12h28v16c0 2-1 4-3 4H39c-2 0-3-2-3-4z" fill="#C4CAD2"/><path d="M36 32h28v5H36zM36 78h28v5H36z" fill="{b}"/>'
                '<path d="M41 16v10M41 42v32" stroke="#fff" stroke-width="3" opacity=".5" stroke-linecap="round"/>', '<path d="M44 64l7-10 4 5 3-3 5 8z" fill="{k}"/>', '?<path d="M64 16c10-1 10 13 0 12" stroke="#C4CAD2" stroke-width="3"/>'],
    "mug": [SHADE, '<path d="M24 36h46v40c0 7-4 11-10 11H34c-6 0-10-4-10-11z" fill="{a}"/><path d="M70 46c18-4 18 30 0 26" stroke="{b}" stroke-width="5"/><ellipse cx="47" cy="36" rx="23" ry="5" fill="{b}"/><ellipse cx="47" cy="36.5" rx="19" ry="3.5" fill="#6B4A33"/>'
            '<path d="M34 72l9-13 6 8 4-5 8 10z" fill="{k}"/>', '<path d="M40 28q5-6 0-12M52 28q5-6 0-12" stroke="#8A93A0" stroke-width="2.2" fill="none" opacity=".7"/>', '?<path d="M24 80h46" stroke="{c}" stroke-width="2"/>'],
    "filter": [SHADE, '<path d="M34 44c0-4 32-4 32 0l3 38c0 9-38 9-38 0z" fill="#CFE6EE"/><path d="M32 62c10 4 26-4 36 0l1 20c0 9-38 9-38 0z" fill="#8CC3D6"/><path d="M42 32h16v11H42z" fill="{b}"/><path d="M40 10h20l-2 22H42z" fill="{a}"/>'
               '<path d="M41 16h18M42 22h16" stroke="{k}" stroke-width="2.5"/>', '<path d="M38 52v24" stroke="#fff" stroke-width="3" opacity=".7"/>', '?<path d="M50 10V4" stroke="#2B2F36" stroke-width="4"/>'],
    "headlamp": ['<path d="M50 62L4 96V40z" fill="#F6D98A" opacity=".55"/><path d="M28 40c10-20 54-20 60 4 4 20-20 34-46 32" stroke="{a}" stroke-width="9"/><path d="M30 36c14-16 50-16 55 6" stroke="{k}" stroke-width="2.5"/>',
                 '<rect x="22" y="44" width="34" height="30" rx="8" fill="{b}"/><circle cx="37" cy="59" r="11" fill="#2B2F36"/><circle cx="37" cy="59" r="8" fill="#FDF3CF"/><path d="M37 51v16M29 59h16" stroke="#E5C766" stroke-width="1.5"/>',
                 '<rect x="44" y="40" width="8" height="5" rx="2" fill="{k}"/>'],
    "lantern": [SHADE, '<circle cx="50" cy="54" r="36" fill="#F6D98A" opacity=".4"/><path d="M34 26c0-22 32-22 32 0" stroke="#4A5260" stroke-width="3"/><path d="M34 24h32l6 10H28z" fill="{a}"/><path d="M32 34h36v34H32z" fill="#FDF3CF"/>'
                '<path d="M50 42c6 7 6 14 0 20-6-6-6-13 0-20z" fill="#F0A33B"/><path d="M38 34v34M62 34v34" stroke="{b}" stroke-width="2.5"/><path d="M28 68h44l4 14c0 5-52 5-52 0z" fill="{a}"/>', '<path d="M27 76h46" stroke="{k}" stroke-width="3"/>'],
    "chair": [SHADE, '<path d="M26 88l44-36M74 88L30 52M22 88V50M78 88V50" stroke="#4A5260" stroke-width="3.5"/><path d="M25 14h50l3 34H22z" fill="{a}"/><path d="M20 50c20 10 40 10 60 0l-4 12c-18 8-34 8-52 0z" fill="{b}"/>',
              '<path d="M32 20h36v8H32z" fill="{c}"/>', '?<path d="M44 40l5-8 3 4 2-2 4 6z" fill="{k}"/>', '<path d="M18 46h8v6h-8zM74 46h8v6h-8z" fill="{k}"/>'],
    "poles": [pole(40, 12, "{a}"), pole(60, -12, "{a}")],
    "trailpoles": [pole(44, 24, "{b}"), pole(56, -24, "{a}")],
    "harness": [SHADE, '<path d="M18 34c16 10 48 10 64 0" stroke="{a}" stroke-width="11"/><path d="M19 32c16 9 46 9 62 0" stroke="{k}" stroke-width="2.5"/><ellipse cx="33" cy="70" rx="15" ry="14" stroke="{a}" stroke-width="8"/>'
                '<ellipse cx="67" cy="70" rx="15" ry="14" stroke="{b}" stroke-width="8"/><path d="M50 40v20M46 58h8M36 44l-4 12M64 44l4 12" stroke="#2B2F36" stroke-width="3.5"/><rect x="45" y="34" width="10" height="10" rx="2" fill="#C4CAD2"/>',
                '<path d="M24 42c0 8 10 8 11 2M76 42c0 8-10 8-11 2" stroke="{k}" stroke-width="2.5"/>'],
    "helmet": [SHADE, '<path d="M26 66c8 24 40 24 48 0" stroke="#2B2F36" stroke-width="3"/><path d="M15 66c-4-52 74-52 70 0-22-6-48-6-70 0z" fill="{a}"/><path d="M15 66c22-6 48-6 70 0l-1-8c-22-6-46-6-68 0z" fill="{b}"/>',
               '<path d="M36 36l8-4-4 18-8 2zM64 36l-8-4 4 18 8 2z" fill="{b}"/>', '?<path d="M48 28h4v24h-4z" fill="{k}"/>', '<path d="M24 44c2-8 6-12 10-14" stroke="#fff" stroke-width="3" opacity=".4"/><rect x="45" y="80" width="10" height="6" rx="2" fill="{k}"/>'],
    "rope": [SHADE, '<g stroke="{a}" stroke-width="5"><ellipse cx="50" cy="56" rx="32" ry="28"/><ellipse cx="50" cy="57" rx="25" ry="22"/><ellipse cx="50" cy="58" rx="18" ry="16"/></g><g stroke="{k}" stroke-width="5" stroke-dasharray="2 6">'
             '<ellipse cx="50" cy="56" rx="32" ry="28"/><ellipse cx="50" cy="57" rx="25" ry="22"/></g>', '<path d="M42 22h16v34H42z" fill="{b}"/><path d="M42 28h16M42 34h16M42 40h16M42 46h16" stroke="{c}" stroke-width="2"/>',
             '<path d="M50 22c0-12 14-14 22-10" stroke="{a}" stroke-width="5" stroke-linecap="round"/>'],
    "carabiner": [SHADE, '<g transform="rotate(18 50 50)"><path d="M40 14h14c12 0 16 8 16 16v34c0 14-8 22-18 22s-16-8-16-20l-8-34c-2-10 4-18 12-18z" stroke="{a}" stroke-width="8"/>'
                  '<path d="M70 32v30" stroke="#C4CAD2" stroke-width="7"/><path d="M70 40v14" stroke="{k}" stroke-width="10"/><path d="M34 20c4-4 12-3 18-3" stroke="#fff" stroke-width="2" opacity=".5"/></g>',
                  '?<path d="M30 78c10 10 24 12 36 4" stroke="{b}" stroke-width="4"/>'],
    "snowshoes": ['<g transform="rotate(-10 34 50)"><path d="M34 8c14 0 16 14 16 30 0 20-4 52-16 52S18 58 18 38C18 22 20 8 34 8z" fill="{c}" stroke="{a}" stroke-width="5"/><path d="M20 46h28M22 60h24M26 34h16v20H26z" stroke="{b}" stroke-width="4" fill="{k}"/></g>'
                  '<g transform="rotate(10 66 50)"><path d="M66 8c14 0 16 14 16 30 0 20-4 52-16 52S50 58 50 38C50 22 52 8 66 8z" fill="{c}" stroke="{a}" stroke-width="5"/><path d="M52 46h28M54 60h24M58 34h16v20H58z" stroke="{b}" stroke-width="4" fill="{k}"/></g>'],
    "gaiters": [SHADE, '<path d="M18 16h26l3 60c0 8-34 8-34 0z" fill="{a}"/><path d="M56 16h26l5 60c0 8-34 8-34 0z" fill="{a}"/><path d="M18 16h26v7H18zM56 16h26v7H56z" fill="{b}"/><path d="M31 23v57M69 23v57" stroke="{k}" stroke-width="3"/>'
                '<path d="M13 64h34l0 12c0 8-34 8-34 0zM53 64h34v12c0 8-34 8-34 0z" fill="{b}"/>', '<path d="M16 84c8 6 22 6 28 0M56 84c8 6 22 6 28 0" stroke="#2B2F36" stroke-width="2.5"/>'],
    "compass": [SHADE, '<rect x="24" y="12" width="52" height="76" rx="8" fill="{a}"/><path d="M32 18h36v8H32z" fill="{c}"/><circle cx="50" cy="56" r="25" fill="#2B2F36"/><circle cx="50" cy="56" r="20" fill="#FBFAF7"/>'
                '<path d="M50 40l5 16h-10z" fill="#BF4420"/><path d="M50 72l5-16h-10z" fill="{b}"/><path d="M50 37v3M50 72v3M31 56h3M66 56h3" stroke="#2B2F36" stroke-width="2"/><circle cx="50" cy="56" r="2.5" fill="#2B2F36"/>', '?<path d="M28 80h44" stroke="{k}" stroke-width="2.5"/>'],
    "watch": [SHADE, '<path d="M38 6h24l3 24H35zM35 70h30l-3 24H38z" fill="{a}"/><path d="M42 78h16M42 84h16" stroke="{b}" stroke-width="2.5"/><circle cx="50" cy="50" r="26" fill="{b}"/><circle cx="50" cy="50" r="20" fill="#1B2333"/><path d="M36 56l8-12 5 7 4-5 9 10" stroke="{k}" stroke-width="2.5"/>'
              '<path d="M42 38h16" stroke="#FBFAF7" stroke-width="2.5"/><path d="M44 62h12" stroke="{c}" stroke-width="2"/><path d="M76 42h4v6h-4zM76 54h4v5h-4z" fill="#4A5260"/>'],
    "firstaid": [SHADE, '<path d="M40 28v-8h20v8" stroke="{b}" stroke-width="4"/><rect x="16" y="28" width="68" height="56" rx="12" fill="{a}"/><path d="M16 52h68" stroke="{b}" stroke-width="3"/><circle cx="50" cy="54" r="19" fill="#FBFAF7"/><path d="M46 42h8v8h8v8h-8v8h-8v-8h-8v-8h8z" fill="{b}"/>',
                 '?<path d="M24 38v8M76 38v8" stroke="{c}" stroke-width="3" stroke-linecap="round"/>'],
    "knife": [SHADE, '<g transform="rotate(-24 50 50)"><path d="M46 44c2-16 16-30 40-32-2 16-14 30-30 34z" fill="#C4CAD2"/><path d="M50 40c6-12 18-22 34-26" stroke="#8A93A0" stroke-width="1.5"/><rect x="10" y="42" width="48" height="18" rx="9" fill="{a}"/><path d="M16 51h30" stroke="{b}" stroke-width="4" stroke-linecap="round"/>'
              '<circle cx="52" cy="51" r="4" fill="#C4CAD2"/></g>', '?<path d="M18 72c-8 4-8 14 2 14" stroke="{k}" stroke-width="3"/>'],
    "glasses": [SHADE, '<path d="M12 40h32c4 0 4 6 2 14-2 9-8 12-16 12-10 0-18-6-18-26zM88 40H56c-4 0-4 6-2 14 2 9 8 12 16 12 10 0 18-6 18-26z" fill="#2B2F36"/><path d="M16 44h27c2 0 1 4 0 9-2 7-7 9-13 9-8 0-14-4-14-18zM84 44H57c-2 0-1 4 0 9 2 7 7 9 13 9 8 0 14-4 14-18z" fill="{k}"/>'
                '<path d="M12 38c24-5 52-5 76 0" stroke="{a}" stroke-width="5"/><path d="M20 48l8-2M62 48l8-2" stroke="#fff" stroke-width="3" opacity=".6" stroke-linecap="round"/>', '<path d="M12 40L6 34M88 40l6-6" stroke="{a}" stroke-width="4"/>'],
}

# What stands behind: paper, far hills, near hills.
SKIES = [("#EEF1EC", "#DCE4DB", "#CBD8CC"), ("#EDF1F5", "#DAE3EB", "#C8D5E1"), ("#F6F0E6", "#ECDFCB", "#DFCFB4"), ("#F5EDEA", "#EADAD4", "#DDC7BF")]


def hills(seed, base, swing):
    points = [base - (seed >> (5 * step)) % swing for step in range(4)]
    path = f"M0 {points[0]}"
    for step in range(1, 4):
        path += f"Q{step * 33 - 22} {points[step] - swing // 2 + (seed >> step) % swing} {step * 33 + (step == 3)} {points[step]}"
    return path + "V100H0z"


def draw(drawing, colour, accent, seed):
    """One picture; colour is (main, shade, light)."""
    paper, far, near = SKIES[seed % len(SKIES)]
    sun = f'<circle cx="{14 + (seed >> 4) % 72}" cy="{14 + (seed >> 9) % 12}" r="{7 + (seed >> 13) % 4}" fill="#fff" opacity=".7"/>'
    extra = bool((seed >> 3) % 2)
    parts = [part.lstrip("?") for part in DRAWINGS[drawing] if extra or part[0] != "?"]
    figure = "".join(parts).replace("{a}", colour[0]).replace("{b}", colour[1]).replace("{c}", colour[2]).replace("{k}", accent)
    turned = ' transform="matrix(-1 0 0 1 100 0)"' if (seed >> 7) % 2 else ""
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><path d="M0 0h100v100H0z" fill="{paper}"/>{sun}'
            f'<path d="{hills(seed, 66, 22)}" fill="{far}"/><path d="{hills(seed >> 6, 86, 14)}" fill="{near}"/><g fill="none"{turned}>{figure}</g></svg>\n')
