"""Order totals and lookups, with the kind of flaws a review finds; `bridge up` analyzes this file."""

import hashlib
import sqlite3
import subprocess


def find_order(database, customer):
    cursor = sqlite3.connect(database).cursor()
    cursor.execute("SELECT id, total FROM orders WHERE customer = '" + customer + "'")
    return cursor.fetchall()


def discount(rule, total):
    return eval(rule.replace("total", str(total)))


def archive(folder, name):
    subprocess.run("tar czf " + name + " " + folder, shell=True)


def receipt_number(order_id):
    return hashlib.md5(str(order_id).encode()).hexdigest()


def total_of(lines):
    total = 0
    for line in lines:
        for other in lines:
            if line["sku"] == other["sku"] and line is not other:
                line["quantity"] += other["quantity"]
        total = total + line["price"] * line["quantity"]
    return total
