"""Times DuckDB and PostgreSQL on the rows that the bench `peers` wrote, compares what they say with what it said, and
prints all times. Called by `run`."""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb

TURNS = 3
SETS = "GROUPING SETS ((cell), (sector, cell), (size, cell), (region, cell))"
folder = Path(sys.argv[1])


def best(turns, work):
    taken = []
    for _ in range(turns):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def in_duckdb():
    rows = folder / "rows.parquet"
    connection = duckdb.connect()
    csv = f"read_csv('{folder / 'rows.csv'}')"
    connection.execute(
        f"COPY (SELECT sector, size, region, cell::USMALLINT AS cell, score::UTINYINT AS score FROM {csv}) "
        f"TO '{rows}' (FORMAT parquet)"
    )
    quartiles = ", ".join(f"quantile_disc(score, {share})" for share in (0.25, 0.5, 0.75))
    alone = f"SELECT cell, {quartiles} FROM '{rows}' GROUP BY cell ORDER BY cell"
    every = f"SELECT cell, sector, size, region, {quartiles} FROM '{rows}' GROUP BY {SETS}"
    said = connection.execute(alone).fetchall()
    one = best(TURNS, lambda: connection.execute(alone).fetchall())
    return one, best(1, lambda: connection.execute(every).fetchall()), said


def in_postgresql():
    address = os.environ["PEERBENCH_TEST_POSTGRES_URL"]

    def psql(statement):
        command = ["psql", address, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=,"]
        command += ["--set=ON_ERROR_STOP=1", "--command", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    psql(
        "CREATE UNLOGGED TABLE rows (organisation integer, sector text, size text, region text, cell smallint, "
        "score smallint)"
    )
    psql(f"\\copy rows FROM '{folder / 'rows.csv'}' (FORMAT csv, HEADER)")
    psql("VACUUM ANALYZE rows")
    quartiles = ", ".join(
        f"percentile_disc({share}) WITHIN GROUP (ORDER BY score)" for share in (0.25, 0.5, 0.75)
    )
    alone = f"SELECT cell, {quartiles} FROM rows GROUP BY cell ORDER BY cell"
    said = [tuple(map(int, line.split(","))) for line in psql(alone).split()]
    return best(1, lambda: psql(alone)), said


def main():
    lines = (folder / "quartiles.csv").read_text().split()
    expected = [tuple(map(int, line.split(","))) for line in lines]
    counting, whole = map(float, (folder / "seconds").read_text().split())
    duck, duck_everywhere, said = in_duckdb()
    assert said == expected, "DuckDB says something else"
    postgres, said = in_postgresql()
    assert said == expected, "PostgreSQL says something else"
    print(f"All three agree on the quartiles of {len(expected)} cells.")
    version = f"DuckDB {duckdb.__version__}, quantile_disc over Parquet"
    for name, seconds in (
        ("dense counting and quartiles, all organisations", counting),
        (version, duck),
        ("PostgreSQL, percentile_disc over rows", postgres),
    ):
        print(f"{name:<64} {seconds:9.3f} s {seconds / counting:9.1f} times")
    for name, seconds in (
        ("the rules of a release: every measure, column and cohort", whole),
        (version + ", the cells in every cohort", duck_everywhere),
    ):
        print(f"{name:<64} {seconds:9.3f} s {seconds / whole:9.1f} times")


main()
