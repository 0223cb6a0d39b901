"""Fixed vectors of the design brief, §S9: entries ``entry-0`` … ``entry-299`` and the keys of fixed seeds."""

from __future__ import annotations

import base64

from basira.custody.cosignature import Signer
from basira.custody.vkey import KeyType

ENTRIES = [f"entry-{i}".encode() for i in range(300)]
TIMESTAMP_S = 1_767_225_600

ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "40766b2033429026f53d54502679a839706b4741f8dcaf3a8bba5f41b5ffe075",
    2: "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479",
    3: "a64bf26e09128f6fe2fe6f8b2d8c801e166b57c047a7cd9b2b809e7a96a2f1cb",
    4: "256b9e8825e5d370a4ae005d0901ea291977e2927f5cf8e3e72660dd09519edb",
    5: "1aa68d3074905a581f84cbbd0f753794904fd80451bc4c13e69d9a53bc59502c",
    7: "9139601cc1ca8ab2a7a0c2c134c04845f2b1ba549a83d6c845cfcda439cc585d",
    8: "dfcc13b9b0ca932c68de3d59eaaa8fe266a9c8091c0300e8405ebfeb0d0e5832",
    255: "45da9f374748e17a372f71c00422b12e2bf96842f1f61c5740fe494e4becff0f",
    256: "f85f4ead34080710b4d1e808301543aaab81aa04deb88599350dc26a4f2f58de",
    257: "918b1cec64f317c76e3cf55c0536841c039eff06772ebb8828ce7c176028b5ac",
    300: "aebb027d5c3dd08871ee52577a61fc83122d0d14352791943639bd4c12d36943",
}

LOG_VKEY = "node01.gov.example/log+2f566382+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
WITNESS_VKEY = "w1.example+9e1fd818+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
MLDSA_WITNESS_KEY_ID = "dab2108e"

CHECKPOINT = """node01.gov.example/log
300
rrsCfVw90Ihx7lJXemH8gxItDRQ1J5GUNjm9TBLTaUM=

— node01.gov.example/log L1ZjgiOizSitOgJAtr6FDl7t64EUinbp/y4WdOKsQae6Nw8udJEJykWI8kZlYWfxP5Neqd+eLsULjO16fp7Sn7gG1QE=
— w1.example nh/YGAAAAABpVbkAZOEmdcX0R5xlOAVLyIMm/i4UPMSsJycOvcyVsTba7Dw4W2P8Kjyo6sTbn4+e+92X94eTbiS7FKGW8vYtqDngBg==
""".encode()

INCLUSION_123_300 = [
    base64.b64decode(line)
    for line in (
        "EzzQ67G/1yy1tVdbykKhuXiwqLXE4YUJsjhp282fyUk=",
        "DpRYeHWOCvsoWO7RT1ST78tDMrv9zzCqVyETaBr6DW8=",
        "CcyGSL7cZAudDFQj3JtPciPFCr3l/xiIT1tW4Dq5hT8=",
        "+LgRmUzdPxH5JXLEqW0Wv/XkjXbc5hJlsMzjQLeuijw=",
        "PANyn8X8iKeQ54v6KlnEI61caqAysd98Oa2ZQNlA1FA=",
        "tnBJQJ3UOITU6YVvCjlvPKc7Gx1g+8V6iTnjf3QYFsM=",
        "bTDv+hvnqMLeNAenJWMcWr/O2rO/BUw42t/y+pkVpoY=",
        "cX/H7hcTaSutccrEePchxBoI2yORApHsypSNwwrz4UY=",
        "VMnxW4d1+SaVX5js9ar6Mu9CMl6XtZ2TGyciceBeJe8=",
    )
]

ROOT_200 = base64.b64decode("PZ3J0yJ/qV0z65rgxWfEZkh/iGFXqcUbyUgbVKtWXU0=")
CONSISTENCY_200_300 = [
    base64.b64decode(line)
    for line in (
        "H3D7jPnDGUxcyMSVgmxrC5N0IFkWkUw5l0d69rJKSUI=",
        "p0jI+yHSR7RPM/vgub2XEUBfRT7gn09S/m3sIdrPc7Q=",
        "NR3Pf3q7Y0rC+b2NRlaR5yWzAOc9MR4odTXDMzRnSlE=",
        "KjEbBCwRLTK1X9B/Sue/9meXqPAubrFFz1q42JyJsvs=",
        "ftrluq+sbIbuN10Z2ADiO5cRYQFjk9tzjn32gQqUBcU=",
        "mZxztsWx1UKktDwZnd2BDnXakCg8v+EJOXbuJ5e90VQ=",
        "VMnxW4d1+SaVX5js9ar6Mu9CMl6XtZ2TGyciceBeJe8=",
    )
]


def log_signer() -> Signer:
    return Signer("node01.gov.example/log", KeyType.ED25519, bytes(range(0x00, 0x20)))


def witness_signer() -> Signer:
    return Signer("w1.example", KeyType.ED25519_COSIGNATURE, bytes(range(0x20, 0x40)))


def mldsa_witness_signer() -> Signer:
    return Signer("w2.example", KeyType.MLDSA44_COSIGNATURE, bytes(range(0x40, 0x60)))
