"""Bank statements for tests, as banks write them."""

from decimal import Decimal

VERSIONS = ("02", "08")


def entry(
    amount: str, *, version: str = "02", ref: str = "", text: str = "", name: str = "", end_to_end: str = "",
    status: str = "BOOK", currency: str = "USD", day: str = "2026-03-02", reversal: bool = False, more: str = "",
) -> str:  # fmt: skip
    """An entry of an amount, below 0 for one that leaves."""
    side, sign = ("Cdtr", "DBIT") if amount.startswith("-") else ("Dbtr", "CRDT")
    named = f"<Pty><Nm>{name}</Nm></Pty>" if version == "08" else f"<Nm>{name}</Nm>"
    return f"""<Ntry>
      <Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd>
      {"<RvslInd>true</RvslInd>" if reversal else ""}
      <Sts>{f"<Cd>{status}</Cd>" if version == "08" else status}</Sts>
      <BookgDt><Dt>{day}</Dt></BookgDt>
      {f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""}
      <NtryDtls>{
        more
        or f'''<TxDtls><Refs><EndToEndId>{end_to_end or "NOTPROVIDED"}</EndToEndId></Refs>
        <RltdPties><{side}>{named}</{side}></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>'''
    }</NtryDtls>
    </Ntry>"""


def statement(
    *entries: str, opening: str = "0.00", closing: str, version: str = "02", name: str = "2026-03-02", currency: str = "USD",
    opening_code: str = "OPBD", account: str = "DE02120300000000202051",
) -> str:  # fmt: skip
    def balance(code: str, amount: str) -> str:
        sign = "DBIT" if Decimal(amount) < 0 else "CRDT"
        return f"""<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>
          <Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd></Bal>"""

    return f"""<Stmt><Id>{name}</Id><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>
      {balance(opening_code, opening)}{balance("CLBD", closing)}{"".join(entries)}</Stmt>"""


def document(*statements: str, version: str = "02", head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f"""{head}
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
      <GrpHdr><MsgId>1</MsgId></GrpHdr>{"".join(statements)}</BkToCstmrStmt></Document>"""
