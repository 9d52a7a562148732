#!/usr/bin/env python3
"""Prints what the benchmarks mean: each number beside what it is to be measured against, and the aim.

    scripts/bench_report.py bench.json
    scripts/bench_report.py --merge bench.json PART.json...   writes bench.json from the parts first

A ratio compares two runs on the same machine in the same minute; that is why it says more than the number.
"""
import json
import sys

# Each section: title, and rows (benchmark, what it is compared with or None, aim).
# The value of a benchmark is its items_per_second, bytes_per_second, or the time of one item.
# Aims: ("at least" | "at most", number, "ratio" | "value").
RATES, BYTES, TIME = "items_per_second", "bytes_per_second", "real_time"
COST = "time per item"
SECTIONS = [
    ("Full path: driver copies the datagram in, SIGA, take, route, copy, receiving driver reads; one core", RATES, [
        ("full_path/64", None, ("at least", 25e6, "value")),
        ("full_path/1500", None, ("at least", 15e6, "value")),
        ("full_path/8192", None, None),
        ("full_path/57344", None, None),
        ("full_path_packed/64", "full_path/64", None),
        ("full_path_packed/1500", "full_path/1500", None),
    ]),
    ("Full path against a bare loop over the same structures", RATES, [
        (f"full_path/{size}", f"bare_loop/{size}", ("at least", 0.85, "ratio")) for size in (64, 1500)
    ]),
    ("The same with the datagram in the driver's buffer already, against memcpy between the same buffers", BYTES, [
        (f"in_place/{size}", f"memcpy/{size}", ("at least", 0.8, "ratio")) for size in (8192, 16384, 32768, 57344)
    ]),
    ("Cost of a datagram on a LAN with many users against 2 users", COST, [
        (f"{who}/{count}", f"{who}/2", ("at most", aim, "ratio") if count == 10000 else None)
        for who, aim in (("two_talk", 1.5), ("all_talk", 6), ("random", 10)) for count in (100, 10000)
    ]),
]
SCALE = {RATES: (1e6, "M/s"), BYTES: (1e9, "GB/s"), COST: (1.0, "ns")}
NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


def merge(out, parts):
    merged = None
    for part in parts:
        with open(part, encoding="utf-8") as file:
            data = json.load(file)
        if merged is None:
            merged = data
        else:
            merged["benchmarks"] += data["benchmarks"]
    with open(out, "w", encoding="utf-8") as file:
        json.dump(merged or {"benchmarks": []}, file, indent=1)
        file.write("\n")


def by_name(path):
    """Benchmark name -> its record, the median where it was repeated; and how many failed."""
    with open(path, encoding="utf-8") as file:
        records = json.load(file)["benchmarks"]
    found, failed = {}, 0
    for record in records:
        if record.get("error_occurred"):
            print(f"{record['name']}: {record.get('error_message', 'failed')}", file=sys.stderr)
            failed += 1
            continue
        if record.get("run_type") == "aggregate" and record.get("aggregate_name") != "median":
            continue
        found[record.get("run_name", record["name"])] = record
    return found, failed


def value_of(record, measure):
    if measure == TIME:
        return record["real_time"] * NANOSECONDS[record.get("time_unit", "ns")]
    if measure == COST:
        return 1e9 / record[RATES] if record.get(RATES) else None
    return record.get(measure)


def verdict(aim, value, ratio):
    if aim is None:
        return ""
    word, number, of = aim
    actual = value if of == "value" else ratio
    if actual is None:
        return ""
    reached = actual >= number if word == "at least" else actual <= number
    return "reached" if reached else "MISSED"


def aim_text(aim, measure):
    if aim is None:
        return ""
    word, number, of = aim
    scale, unit = SCALE[measure]
    return f"{word} {number / scale:g} {unit}" if of == "value" else f"{word} {number:g}"


def print_section(title, measure, rows, records):
    scale, unit = SCALE[measure]
    lines = []
    for name, against, aim in rows:
        value = value_of(records[name], measure) if name in records else None
        if value is None:
            continue
        base = value_of(records[against], measure) if against in records else None
        ratio = value / base if base else None
        compared = f"{base / scale:10.2f} {unit:5}{against:16}{ratio:7.2f}" if ratio is not None else " " * 39
        lines.append(f"  {name:22}{value / scale:10.2f} {unit:5}{compared}  "
                     f"{aim_text(aim, measure):18} {verdict(aim, value, ratio)}".rstrip())
    if lines:
        print(f"\n{title}\n  {'benchmark':22}{'value':>15} {'against':>15}{'':11}{'ratio':>12}  aim")
        print("\n".join(lines))


def print_rest(records, shown):
    rest = [name for name in records if name not in shown]
    if rest:
        print("\nThe rest")
    for name in rest:
        record = records[name]
        time = value_of(record, TIME)
        counters = {key: value for key, value in record.items()
                    if isinstance(value, float) and key not in (TIME, "cpu_time")}
        print(f"  {name:34}{time:14.1f} ns  " + "  ".join(f"{key}={value:.4g}" for key, value in counters.items()))


def main():
    arguments = sys.argv[1:]
    if arguments and arguments[0] == "--merge":
        merge(arguments[1], arguments[2:])
        arguments = arguments[1:2]
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    records, failed = by_name(arguments[0])
    if not records and not failed:
        print(f"{arguments[0]}: no benchmark ran", file=sys.stderr)
        return 1
    shown = set()
    for title, measure, rows in SECTIONS:
        print_section(title, measure, rows, records)
        shown |= {name for row in rows for name in row[:2] if name}
    print_rest(records, shown)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
