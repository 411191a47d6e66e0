//! What to cite for the sources of the datasets, as `BibTeX`.

pub(crate) const TREX: &str = "@inproceedings{elsahar-etal-2018-rex,
  title = {{T-REx}: A Large Scale Alignment of Natural Language with Knowledge Base Triples},
  author = {Elsahar, Hady and Vougiouklis, Pavlos and Remaci, Arslen and Gravier, Christophe and Hare, Jonathon and Laforest, Frederique and Simperl, Elena},
  booktitle = {Proceedings of the Eleventh International Conference on Language Resources and Evaluation (LREC 2018)},
  year = {2018},
  url = {https://aclanthology.org/L18-1544}
}";

/// Whose relation dataset of T-REx has the relations with 50 pairs: T-REx-rc.
pub(crate) const K_ADAPTER: &str = "@inproceedings{wang-etal-2021-k,
  title = {{K-Adapter}: Infusing Knowledge into Pre-Trained Models with Adapters},
  author = {Wang, Ruize and Tang, Duyu and Duan, Nan and Wei, Zhongyu and Huang, Xuanjing and Ji, Jianshu and Cao, Guihong and Jiang, Daxin and Zhou, Ming},
  booktitle = {Findings of the Association for Computational Linguistics: ACL-IJCNLP 2021},
  year = {2021},
  url = {https://aclanthology.org/2021.findings-acl.121}
}";

pub(crate) const WIKIDATA: &str = "@article{vrandecic-kroetzsch-2014-wikidata,
  title = {Wikidata: A Free Collaborative Knowledgebase},
  author = {Vrande\\v{c}i\\'c, Denny and Kr\\\"otzsch, Markus},
  journal = {Communications of the ACM},
  volume = {57},
  number = {10},
  pages = {78--85},
  year = {2014},
  doi = {10.1145/2629489}
}";

pub(crate) const WIKIPEDIA: &str = "@misc{wikipedia,
  title = {Wikipedia, The Free Encyclopedia},
  author = {{Wikipedia contributors}},
  url = {https://www.wikipedia.org},
  note = {The dump that the card's table of inputs names}
}";

pub(crate) const WORDNET: &str = "@article{miller-1995-wordnet,
  title = {{WordNet}: A Lexical Database for {English}},
  author = {Miller, George A.},
  journal = {Communications of the ACM},
  volume = {38},
  number = {11},
  pages = {39--41},
  year = {1995},
  doi = {10.1145/219717.219748}
}";

/// For treebanks.
pub(crate) const UD: &str = "@article{de-marneffe-etal-2021-universal,
  title = {{Universal Dependencies}},
  author = {de Marneffe, Marie-Catherine and Manning, Christopher D. and Nivre, Joakim and Zeman, Daniel},
  journal = {Computational Linguistics},
  volume = {47},
  number = {2},
  pages = {255--308},
  year = {2021},
  doi = {10.1162/coli_a_00402}
}";

/// For parses of Stanford's tools.
pub(crate) const CORENLP: &str = "@inproceedings{manning-etal-2014-stanford,
  title = {The {Stanford} {CoreNLP} Natural Language Processing Toolkit},
  author = {Manning, Christopher D. and Surdeanu, Mihai and Bauer, John and Finkel, Jenny and Bethard, Steven J. and McClosky, David},
  booktitle = {Proceedings of 52nd Annual Meeting of the Association for Computational Linguistics: System Demonstrations},
  pages = {55--60},
  year = {2014},
  doi = {10.3115/v1/P14-5010}
}";

/// From which the pairs of related words, and the task, are taken.
pub(crate) const LIBERT: &str = "@inproceedings{lauscher-etal-2020-specializing,
  title = {Specializing Unsupervised Pretraining Models for Word-Level Semantic Similarity},
  author = {Lauscher, Anne and Vuli\\'c, Ivan and Ponti, Edoardo Maria and Korhonen, Anna and Glava\\v{s}, Goran},
  booktitle = {Proceedings of the 28th International Conference on Computational Linguistics (COLING 2020)},
  pages = {1371--1383},
  year = {2020},
  url = {https://aclanthology.org/2020.coling-main.118}
}";

pub(crate) const SENSEBERT: &str = "@inproceedings{levine-etal-2020-sensebert,
  title = {{SenseBERT}: Driving Some Sense into {BERT}},
  author = {Levine, Yoav and Lenz, Barak and Dagan, Or and Ram, Ori and Padnos, Dan and Sharir, Or and Shalev-Shwartz, Shai and Shashua, Amnon and Shoham, Yoav},
  booktitle = {Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics},
  year = {2020},
  pages = {4656--4667},
  url = {https://aclanthology.org/2020.acl-main.423}
}";

pub(crate) const STREUSLE: &str = "@inproceedings{schneider-smith-2015-corpus,
  title = {A Corpus and Model Integrating Multiword Expressions and Supersenses},
  author = {Schneider, Nathan and Smith, Noah A.},
  booktitle = {Proceedings of the 2015 Conference of the North American Chapter of the Association for Computational Linguistics: Human Language Technologies},
  year = {2015},
  pages = {1537--1547},
  url = {https://aclanthology.org/N15-1177}
}";

/// For SemCor in its XML.
pub(crate) const WSD_FRAMEWORK: &str = "@inproceedings{raganato-etal-2017-word,
  title = {Word Sense Disambiguation: A Unified Evaluation Framework and Empirical Comparison},
  author = {Raganato, Alessandro and Camacho-Collados, Jose and Navigli, Roberto},
  booktitle = {Proceedings of the 15th Conference of the European Chapter of the Association for Computational Linguistics},
  year = {2017},
  pages = {99--110},
  url = {https://aclanthology.org/E17-1010}
}";

pub(crate) const WKLM: &str = "@inproceedings{xiong-etal-2020-pretrained,
  title = {Pretrained Encyclopedia: Weakly Supervised Knowledge-Pretrained Language Model},
  author = {Xiong, Wenhan and Du, Jingfei and Wang, William Yang and Stoyanov, Veselin},
  booktitle = {International Conference on Learning Representations},
  year = {2020},
  url = {https://openreview.net/forum?id=BJlzm64tDH}
}";

pub(crate) const KNOWBERT: &str = "@inproceedings{peters-etal-2019-knowledge,
  title = {Knowledge Enhanced Contextual Word Representations},
  author = {Peters, Matthew E. and Neumann, Mark and Logan, Robert and Schwartz, Roy and Joshi, Vidur and Singh, Sameer and Smith, Noah A.},
  booktitle = {Proceedings of the 2019 Conference on Empirical Methods in Natural Language Processing and the 9th International Joint Conference on Natural Language Processing},
  year = {2019},
  pages = {43--54},
  url = {https://aclanthology.org/D19-1005}
}";

pub(crate) const ERNIE: &str = "@inproceedings{zhang-etal-2019-ernie,
  title = {{ERNIE}: Enhanced Language Representation with Informative Entities},
  author = {Zhang, Zhengyan and Han, Xu and Liu, Zhiyuan and Jiang, Xin and Sun, Maosong and Liu, Qun},
  booktitle = {Proceedings of the 57th Annual Meeting of the Association for Computational Linguistics},
  year = {2019},
  pages = {1441--1451},
  url = {https://aclanthology.org/P19-1139}
}";

/// Whose facts of a medical graph, real or not, are one of the sources of knowledge.
pub(crate) const BERT_MK: &str = "@inproceedings{he-etal-2020-bert,
  title = {{BERT}-{MK}: Integrating Graph Contextualized Knowledge into Pre-trained Language Models},
  author = {He, Bin and Zhou, Di and Xiao, Jinghui and Jiang, Xin and Liu, Qun and Yuan, Nicholas Jing and Xu, Tong},
  booktitle = {Findings of the Association for Computational Linguistics: EMNLP 2020},
  year = {2020}
}";
