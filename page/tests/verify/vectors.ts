/** Fixed vectors, as in tests/custody/vectors.py: a log of 300 entries, `entry-0` to `entry-299`, and one witness. */
export const LOG_KEY = "node01.gov.example/log+2f566382+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
export const WITNESS_KEY = "w1.example+9e1fd818+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
export const WITNESSED_S = 1_767_225_600;

export const CHECKPOINT = `node01.gov.example/log
300
rrsCfVw90Ihx7lJXemH8gxItDRQ1J5GUNjm9TBLTaUM=

— node01.gov.example/log L1ZjgiOizSitOgJAtr6FDl7t64EUinbp/y4WdOKsQae6Nw8udJEJykWI8kZlYWfxP5Neqd+eLsULjO16fp7Sn7gG1QE=
— w1.example nh/YGAAAAABpVbkAZOEmdcX0R5xlOAVLyIMm/i4UPMSsJycOvcyVsTba7Dw4W2P8Kjyo6sTbn4+e+92X94eTbiS7FKGW8vYtqDngBg==
`;

export const INDEX = 123;
export const PATH = `EzzQ67G/1yy1tVdbykKhuXiwqLXE4YUJsjhp282fyUk=
DpRYeHWOCvsoWO7RT1ST78tDMrv9zzCqVyETaBr6DW8=
CcyGSL7cZAudDFQj3JtPciPFCr3l/xiIT1tW4Dq5hT8=
+LgRmUzdPxH5JXLEqW0Wv/XkjXbc5hJlsMzjQLeuijw=
PANyn8X8iKeQ54v6KlnEI61caqAysd98Oa2ZQNlA1FA=
tnBJQJ3UOITU6YVvCjlvPKc7Gx1g+8V6iTnjf3QYFsM=
bTDv+hvnqMLeNAenJWMcWr/O2rO/BUw42t/y+pkVpoY=
cX/H7hcTaSutccrEePchxBoI2yORApHsypSNwwrz4UY=
VMnxW4d1+SaVX5js9ar6Mu9CMl6XtZ2TGyciceBeJe8=
`;

export const POLICY = `log ${LOG_KEY}
witness w1 ${WITNESS_KEY}
quorum w1
`;
